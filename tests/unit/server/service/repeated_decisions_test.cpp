// A decision may be run again, for the store may have changed under it: each gives the same answer
// and the same events for the same states, and keeps nothing of what it said before.

#include <functional>
#include <map>

#include "server/service/operation_table.hpp"
#include "storage/model/evolve.hpp"
#include "tests/unit/support/service_fixture.hpp"

namespace factord::service::repeated_decisions_test {
namespace {

/// What one attempt said.
struct said {
  std::vector<std::string> events;
  status_code code{};
  std::string error_id;
  std::string user_id;
  std::string email_code;
  std::string token_id;
  std::string token;
  std::string owner;
  std::uint64_t sequence = 0;

  friend bool operator==(const said&, const said&) = default;
};

/// Keeps events, and changes no state.
class kept_events final : public storage::event_sink {
 public:
  explicit kept_events(std::uint64_t head) : sequence_(head) {}
  storage::event_record& blank() override {
    record_.Clear();
    return record_;
  }
  std::uint64_t append() override {
    events.push_back(record_.SerializeAsString());
    return ++sequence_;
  }
  std::vector<std::string> events;

 private:
  storage::event_record record_;
  std::uint64_t sequence_;
};

/// The commit queue's place is taken by this test: it decides each command twice on the same states
/// before the queue does.
class repeated_decisions : public service_fixture {
 protected:
  repeated_decisions() {
    add_user("plain", "org1");
    add_user("with_factor", "org1");
    add_factor("with_factor");
    add_user("locked", "org1");
    ask(operation::lock_user, admin(), "locked");
    add_user("inactive", "org1");
    ask(operation::deactivate_user, admin(), "inactive");
    call& pending = trusted(operation::add_human_user, "coded");
    pending.in.org = "org1";
    pending.in.email = "coded@example.org";
    pending.in.return_code = true;
    code_ = ask(pending).email_code;
  }

  said attempt(call& pending) {
    storage::state_table table;
    pending.list_keys(table);
    const auto head = store_.load(table);
    EXPECT_TRUE(head);
    pending.list_more_keys(table, *head);
    EXPECT_TRUE(store_.load(table));
    kept_events sink(head->sequence);
    pending.decide(table, {.wall = now_, .created_at = now_, .token_epoch = head->token_epoch},
                   sink);
    const answer& out = pending.out;
    return {
        sink.events,  out.code,  std::string(out.error_id),  out.user_id,         out.email_code,
        out.token_id, out.token, out.details.resource_owner, out.details.sequence};
  }

  /// Completes a question as the service does, but does not decide it.
  void prepare(call& pending) {
    storage::commit_queue closed(store_, {}, {}, 1);
    closed.close();
    user_service users(environment{store_, closed, token_epoch_, tally_, [this] { return now_; },
                                   [this] { return steady_now_; }, draw_, start_time,
                                   [](const std::function<void()>& run) { run(); }, [](call&) {}});
    users.start(pending);
    EXPECT_EQ(pending.out.message, "the server is shutting down");
    pending.out.clear();
  }

  call& trusted(operation op, std::string_view user_id) {
    call& pending = make(op, {}, user_id);
    pending.who.trusted = true;
    return pending;
  }

  std::string code_;
};

TEST_F(repeated_decisions, say_the_same_each_time) {
  using enum operation;
  std::map<operation, std::vector<call*>> calls;
  for (std::size_t i = 0; i < operation_count; ++i) {
    const auto op = static_cast<operation>(i);
    if (!traits(op).writes() || op == revoke_token) continue;
    for (const std::string_view id :
         {"plain", "with_factor", "locked", "inactive", "coded", "nobody", ""}) {
      if (id.empty() && op != add_human_user) continue;
      call& pending = trusted(op, id);
      pending.in.org = "org1";
      pending.in.username = id;
      pending.in.email = "new@example.org";
      pending.in.return_code = true;
      pending.in.verification_code = code_;
      pending.in.lifetime = std::chrono::hours{1};
      calls[op].push_back(&pending);
    }
  }
  call& whole = trusted(add_human_user, "whole");
  whole.in.org = "org1";
  whole.in.email = "whole@example.org";
  whole.in.email_verified = whole.in.otp_email = true;
  calls[add_human_user].push_back(&whole);
  call& revoke = trusted(revoke_token, "");
  call& list = trusted(list_tokens, "");
  revoke.in.token_id = ask(list).tokens.front().token_id();
  calls[revoke_token].push_back(&revoke);

  for (const auto& [op, works] : calls) {
    bool decided_well = false;
    for (call* pending : works) {
      prepare(*pending);
      const said first = attempt(*pending);
      const said second = attempt(*pending);
      EXPECT_EQ(first, second) << traits(op).name << " of '" << pending->in.user_id << "'";
      decided_well |= first.code == status_code::ok && !first.events.empty();
    }
    EXPECT_TRUE(decided_well) << traits(op).name << " was tried on nothing that it fits";
  }
}

// What an earlier attempt found is not there any more.
TEST_F(repeated_decisions, forget_what_they_said) {
  call& pending = trusted(operation::remove_otp_email, "with_factor");
  prepare(pending);
  EXPECT_EQ(attempt(pending).code, status_code::ok);
  ask(operation::remove_otp_email, admin(), "with_factor");
  const said again = attempt(pending);
  EXPECT_EQ(again.code, status_code::not_found);
  EXPECT_EQ(again.sequence, 0U);
  EXPECT_EQ(again.owner, "");
  add_factor("with_factor");
  const said third = attempt(pending);
  EXPECT_EQ(third.code, status_code::ok);
  EXPECT_EQ(third.error_id, "");
  EXPECT_EQ(third.sequence, last_sequence() + 1);
}

// However often it was decided: one answer, and one of each event that was committed.
TEST_F(repeated_decisions, are_counted_once) {
  const std::string by = admin();
  const auto remove = operation::remove_otp_email;
  const auto removed = storage::event_type::otp_email_removed;
  store_.refuse_commits(2, storage::commit_status::conflict);
  EXPECT_EQ(ask(remove, by, "with_factor").code, status_code::ok);
  EXPECT_EQ(tally_.answers(remove, status_code::ok), 1U);
  EXPECT_EQ(tally_.events(removed), 1U);

  // Also where the last attempt was in vain, or is another answer than the first.
  add_factor("with_factor");
  store_.refuse_commits(storage::retry_rules{}.attempts, storage::commit_status::conflict);
  EXPECT_EQ(ask(remove, by, "with_factor").code, status_code::unavailable);
  EXPECT_EQ(tally_.answers(remove, status_code::unavailable), 1U);
  store_.refuse_commits(1, storage::commit_status::conflict);
  EXPECT_EQ(ask(remove, by, "plain").code, status_code::not_found);
  EXPECT_EQ(tally_.answers(remove, status_code::not_found), 1U);
  EXPECT_EQ(tally_.answers(remove, status_code::ok), 1U);
  EXPECT_EQ(tally_.events(removed), 1U);
}

}  // namespace
}  // namespace factord::service::repeated_decisions_test

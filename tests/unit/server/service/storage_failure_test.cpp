#include <array>

#include "storage/model/keys.hpp"
#include "tests/unit/support/service_fixture.hpp"

namespace factord::service::storage_failure_test {
namespace {

class storage_failure : public service_fixture {};

TEST_F(storage_failure, the_failed_batch_is_unknown_and_later_writes_are_refused) {
  add_user("u1", "org1");
  add_factor("u1");
  const std::string by = admin();
  store_.fail_commit(1);
  const answer& failed = ask(operation::remove_otp_email, by, "u1");
  EXPECT_EQ(failed.code, status_code::internal);
  EXPECT_EQ(failed.message, "storage failed, outcome unknown");
  EXPECT_EQ(failed.details.sequence, 0U) << "no sequence of an event that may not exist";
  const answer& later = ask(operation::remove_otp_email, by, "u1");
  EXPECT_EQ(later.code, status_code::unavailable);
  EXPECT_EQ(later.message, "storage failed");
}

std::string factor_of(std::string_view user) {
  std::string key;
  storage::set_factor_key(key, user, storage::factor_type::otp_email);
  return key;
}

TEST_F(storage_failure, what_cannot_be_read_is_one_request_s_failure_and_changes_nothing) {
  add_user("u1", "org1");
  add_user("u2", "org1");
  add_factor("u1");
  add_factor("u2");
  const std::string by = admin();
  const std::uint64_t before = last_sequence();
  store_.damage(factor_of("u1"));
  const answer& failed = ask(operation::remove_otp_email, by, "u1");
  EXPECT_EQ(failed.code, status_code::internal);
  EXPECT_EQ(failed.message, "the stored data could not be read, nothing was changed");
  EXPECT_EQ(failed.details.sequence, 0U);
  EXPECT_EQ(last_sequence(), before);
  EXPECT_EQ(tally_.answers(operation::remove_otp_email, status_code::internal), 1U);
  EXPECT_EQ(ask(operation::remove_otp_email, by, "u2").code, status_code::ok);
}

TEST_F(storage_failure, a_query_that_cannot_read_is_counted) {
  add_user("u1", "org1");
  const std::string by = admin();
  store_.damage(factor_of("u1"));
  EXPECT_EQ(tally_.failed_reads().count(), 0U);
  const answer& failed = ask(operation::list_method_types, by, "u1");
  EXPECT_EQ(failed.code, status_code::unavailable);
  EXPECT_EQ(failed.message, "the store cannot be read");
  EXPECT_EQ(tally_.failed_reads().count(), 1U);
}

TEST_F(storage_failure, a_caller_who_cannot_be_read_is_told_so_and_counted) {
  add_user("u1", "org1");
  call& pending = make(operation::list_method_types, admin(), "u1");
  const storage::digest hash = storage::sha256{}.of(admin());
  std::string key;
  storage::set_token_key(key, storage::as_bytes(hash));
  store_.damage(key);
  EXPECT_EQ(ask(pending).code, status_code::unavailable);
  EXPECT_EQ(tally_.failed_reads().count(), 1U);

  const std::string other = token("u1", {});
  storage::set_user_key(key, "u1");
  store_.damage(key);
  EXPECT_EQ(ask(operation::list_method_types, other, "u1").code, status_code::unavailable);
  EXPECT_EQ(tally_.failed_reads().count(), 2U);
}

TEST_F(storage_failure, a_user_that_cannot_be_read_is_neither_missing_nor_without_an_org) {
  add_user("u1", "org1");
  const std::string by = token("u1", {role::iam_owner});
  EXPECT_EQ(ask(operation::get_user, by, "u1").code, status_code::ok) << "the caller is known now";
  std::string key;
  storage::set_user_key(key, "u1");
  store_.damage(key);
  EXPECT_EQ(ask(operation::get_user, by, "u1").code, status_code::unavailable);
  call& added = make(operation::add_human_user, by, "u2");
  added.in.username = "u2";
  EXPECT_EQ(ask(added).code, status_code::unavailable) << "the org is its caller's";
  EXPECT_EQ(tally_.failed_reads().count(), 2U);
}

TEST_F(storage_failure, a_token_that_cannot_be_read_is_not_missing) {
  const storage::digest hash = storage::sha256{}.of(token("u1", {}));
  const auto ask_trusted = [this](operation op, std::string_view id) {
    call& pending = make(op, {});
    pending.who.trusted = true;
    pending.in.token_id = id;
    return ask(pending);
  };
  const auto listed = ask_trusted(operation::list_tokens, {}).tokens;
  ASSERT_EQ(listed.size(), 1U);
  const std::string id = listed[0].token_id();
  std::string key;
  storage::set_token_key(key, storage::as_bytes(hash));
  store_.damage(key);
  EXPECT_EQ(ask_trusted(operation::list_tokens, {}).code, status_code::unavailable);
  storage::set_token_id_key(key, id);
  store_.damage(key);
  EXPECT_EQ(ask_trusted(operation::revoke_token, id).code, status_code::unavailable);
  EXPECT_EQ(tally_.failed_reads().count(), 2U);
}

/// A store with the states of another, whose events cannot be read.
class without_events final : public storage::memory_engine {
 public:
  explicit without_events(const storage::engine& states)
      : memory_engine("store"), states_(states) {}

  void read_states(std::span<const std::string> keys,
                   callback<storage::states_answer> done) const override {
    states_.read_states(keys, std::move(done));
  }
  void read_events(std::uint64_t, std::size_t,
                   callback<storage::events_answer> done) const override {
    done(unreadable_);
  }
  void read_user_events(std::string_view, std::uint64_t, std::size_t,
                        callback<storage::events_answer> done) const override {
    done(unreadable_);
  }
  void read_last_user_event(std::string_view,
                            callback<storage::events_answer> done) const override {
    done(unreadable_);
  }

 private:
  const storage::engine& states_;
  const error unreadable_{errc::corruption, "events that were damaged"};
};

TEST_F(storage_failure, events_that_cannot_be_read_are_told_of_and_counted) {
  add_user("u1", "org1");
  const std::string by = admin();
  without_events damaged{store_};
  users_ = std::make_unique<user_service>(
      environment{damaged, *queue_, token_epoch_, tally_, [this] { return now_; },
                  [this] { return steady_now_; }, draw_, start_time,
                  [](const std::function<void()>& run) { run(); },
                  [this](call& done) { answered_.push_back(&done); }});
  for (const std::string_view of : {"u1", ""}) {
    EXPECT_EQ(ask(operation::list_events, by, of).code, status_code::unavailable) << of;
  }
  EXPECT_EQ(ask(operation::get_user, by, "u1").code, status_code::unavailable);
  EXPECT_EQ(tally_.failed_reads().count(), 3U);
  EXPECT_EQ(ask(operation::list_method_types, by, "u1").code, status_code::ok);
  users_.reset();
}

TEST_F(storage_failure, a_closed_queue_refuses) {
  add_user("u1", "org1");
  const std::string by = admin();
  queue_->close();
  const answer& refused = ask(operation::lock_user, by, "u1");
  EXPECT_EQ(refused.code, status_code::unavailable);
  EXPECT_EQ(refused.message, "the server is shutting down") << "and not that the store failed";
}

}  // namespace
}  // namespace factord::service::storage_failure_test

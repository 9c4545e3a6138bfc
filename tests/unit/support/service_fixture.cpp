#include "tests/unit/support/service_fixture.hpp"

#include <algorithm>

#include "server/service/call_pool.hpp"
#include "storage/model/event.hpp"
#include "storage/model/event_value.hpp"

namespace factord::service {

service_fixture::service_fixture(const jwt_issuers* issuers) {
  storage::commit_hooks hooks;
  hooks.committed = [this](std::span<const storage::event_type> types) {
    tally_.committed(types);
    if (users_ != nullptr) users_->log_grew();
  };
  hooks.tokens_changed = [this](std::uint64_t epoch) { token_epoch_.see(epoch); };
  hooks.complete = [this](std::uint32_t, std::span<storage::command* const> done) {
    for (storage::command* finished : done) answered_.push_back(static_cast<call*>(finished));
  };
  queue_ = std::make_unique<storage::commit_queue>(store_, storage::commit_limits{},
                                                   std::move(hooks), 1);
  environment with{store_,
                   *queue_,
                   token_epoch_,
                   tally_,
                   [this] { return now_; },
                   [this] { return steady_now_; },
                   [this](std::span<unsigned char> out) { draw_(out); },
                   start_time,
                   [](const std::function<void()>& run) { run(); },
                   [this](call& done) { answered_.push_back(&done); }};
  with.issuers = issuers;
  users_ = std::make_unique<user_service>(with);
}

call& service_fixture::make(operation op, std::string_view token, std::string_view user_id) {
  call& pending = calls_.acquire();
  pending.op = op;
  pending.in.user_id = user_id;
  pending.in.limit = 1'000;
  pending.in.has_authorization = !token.empty();
  if (!token.empty()) pending.in.authorization = "Bearer " + std::string(token);
  return pending;
}

const answer& service_fixture::ask(call& pending) {
  answered_.clear();
  users_->start(pending);
  while (queue_->run_batch(now_)) {
  }
  EXPECT_EQ(answered_, std::vector<call*>{&pending}) << "each call is answered exactly once";
  answered_.clear();
  return pending.out;
}

const answer& service_fixture::ask(operation op, std::string_view token, std::string_view user_id) {
  return ask(make(op, token, user_id));
}

std::string service_fixture::token(std::string_view subject, role_set roles, std::string_view org) {
  call& pending = make(operation::create_token, {}, subject);
  pending.who.trusted = true;
  pending.in.roles = roles;
  pending.in.org = org;
  const answer& made = ask(pending);
  EXPECT_EQ(made.code, status_code::ok) << made.message;
  return made.token;
}

void service_fixture::add_user(std::string_view id, std::string_view org, bool email_verified) {
  call& pending = make(operation::add_human_user, {}, id);
  pending.who.trusted = true;
  pending.in.org = org;
  pending.in.username = id;
  pending.in.email = std::string(id) + "@example.org";
  pending.in.person.set_given_name("Gigi");
  pending.in.person.set_family_name("Giraffe");
  pending.in.email_verified = email_verified;
  const answer& made = ask(pending);
  EXPECT_EQ(made.code, status_code::ok) << made.message;
}

void service_fixture::add_factor(std::string_view id) {
  call& pending = make(operation::add_otp_email, {}, id);
  pending.who.trusted = true;
  EXPECT_EQ(ask(pending).code, status_code::ok);
}

std::string service_fixture::admin() {
  if (admin_.empty()) admin_ = token("admin", {role::iam_owner});
  return admin_;
}

std::uint64_t service_fixture::last_sequence() {
  std::uint64_t last = 0;
  store_.read_states({}, [&](result<storage::states_answer> read) { last = read->head.sequence; });
  return last;
}

std::vector<std::string> service_fixture::event_names() {
  std::vector<std::string> names;
  store_.read_events(0, 10'000, [&](result<storage::events_answer> read) {
    for (const storage::stored_event& event : read->events) {
      storage::event_record record;
      const auto value = storage::split_event_value(event.sequence, event.value);
      EXPECT_TRUE(storage::parse_event_record(event.sequence, value->record, record));
      names.emplace_back(storage::name(static_cast<storage::event_type>(record.type())));
    }
  });
  return names;
}

}  // namespace factord::service

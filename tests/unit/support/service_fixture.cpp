#include "tests/unit/support/service_fixture.hpp"

#include <algorithm>

#include "server/service/call_pool.hpp"
#include "storage/model/event.hpp"
#include "storage/model/event_value.hpp"

namespace factord::service {

service_fixture::service_fixture() {
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
  users_ = std::make_unique<user_service>(environment{
      store_, *queue_, token_epoch_, tally_, [this] { return now_; },
      [this] { return steady_now_; }, [this](std::span<unsigned char> out) { draw_(out); },
      start_time, [](const std::function<void()>& run) { run(); },
      [this](call& done) { answered_.push_back(&done); }});
}

call& service_fixture::make(operation op, std::string_view token, std::string_view user_id) {
  call& work = calls_.acquire();
  work.op = op;
  work.in.user_id = user_id;
  work.in.limit = 1'000;
  work.in.has_authorization = !token.empty();
  if (!token.empty()) work.in.authorization = "Bearer " + std::string(token);
  return work;
}

const answer& service_fixture::ask(call& work) {
  answered_.clear();
  users_->start(work);
  while (queue_->run_batch(now_)) {
  }
  EXPECT_EQ(answered_, std::vector<call*>{&work}) << "each call is answered exactly once";
  answered_.clear();
  return work.out;
}

const answer& service_fixture::ask(operation op, std::string_view token, std::string_view user_id) {
  return ask(make(op, token, user_id));
}

std::string service_fixture::token(std::string_view subject, std::initializer_list<role> roles,
                                   std::string_view org) {
  call& work = make(operation::create_token, {}, subject);
  work.who.trusted = true;
  for (const role which : roles) work.in.roles.add(which);
  work.in.org = org;
  const answer& made = ask(work);
  EXPECT_EQ(made.code, status_code::ok) << made.message;
  return made.token;
}

void service_fixture::add_user(std::string_view id, std::string_view org, bool email_verified) {
  call& work = make(operation::add_human_user, {}, id);
  work.who.trusted = true;
  work.in.org = org;
  work.in.username = id;
  work.in.email = std::string(id) + "@example.org";
  work.in.person.set_given_name("Gigi");
  work.in.person.set_family_name("Giraffe");
  work.in.email_verified = email_verified;
  const answer& made = ask(work);
  EXPECT_EQ(made.code, status_code::ok) << made.message;
}

void service_fixture::add_factor(std::string_view id) {
  call& work = make(operation::add_otp_email, {}, id);
  work.who.trusted = true;
  EXPECT_EQ(ask(work).code, status_code::ok);
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

// Calls that wait for the log to grow.

#include "server/service/event_waits.hpp"

#include <string>
#include <utility>
#include <vector>

#include "tests/unit/server/service/credentials/jwt_fixture.hpp"
#include "tests/unit/server/service/event_waits_fixture.hpp"

namespace factord::service::event_waits_test {
namespace {

using namespace std::chrono_literals;

using event_waits_test = event_waits_fixture;

TEST_F(event_waits_test, what_is_there_is_answered_at_once) {
  add_user("u", "o");
  call& pending = make(operation::list_events, admin());
  pending.in.wait = 30s;
  start(pending);
  EXPECT_EQ(answers(pending), 1U);
  EXPECT_EQ(pending.out.log_page().sequences.size(), 3U);
  EXPECT_FALSE(watched_);
}

TEST_F(event_waits_test, the_next_event_is_answered_when_it_comes) {
  add_user("u", "o");
  call& first = wait(admin());
  call& second = wait(admin());
  EXPECT_TRUE(answered_.empty());
  EXPECT_TRUE(watched_);
  const std::uint64_t before = last_sequence();
  write(operation::lock_user, "u");
  for (const call* pending : {&first, &second}) {
    EXPECT_EQ(answers(*pending), 1U);
    EXPECT_EQ(pending->out.log_page().sequences, std::vector{before + 1});
  }
  EXPECT_FALSE(watched_) << "nobody waits any more";
  write(operation::unlock_user, "u");
  EXPECT_EQ(answers(first) + answers(second), 2U);
}

TEST_F(event_waits_test, what_the_filter_holds_back_ends_no_wait) {
  add_user("u", "o");
  call& pending = make(operation::list_events, admin());
  pending.in.after = last_sequence();
  pending.in.wait = 30s;
  pending.in.filter.add(storage::event_type::unlocked);
  start(pending);
  write(operation::lock_user, "u");
  EXPECT_EQ(answers(pending), 0U);
  write(operation::unlock_user, "u");
  EXPECT_EQ(answers(pending), 1U);
  EXPECT_EQ(pending.out.log_page().sequences, std::vector{last_sequence()});
}

TEST_F(event_waits_test, a_page_that_says_where_to_go_on_does_not_wait) {
  admin();
  while (last_sequence() <= event_walk::looked_at_max) token("t", {role::iam_owner});
  call& pending = make(operation::list_events, admin());
  pending.in.wait = 30s;
  pending.in.filter.add(storage::event_type::locked);
  start(pending);
  EXPECT_EQ(answers(pending), 1U);
  EXPECT_EQ(pending.out.next, std::to_string(event_walk::looked_at_max));
}

TEST_F(event_waits_test, a_wait_that_is_over_ends_with_an_empty_page) {
  call& pending = wait(admin(), 2s);
  users_->sweep();
  steady_now_ += 2s - 1ns;
  users_->sweep();
  EXPECT_EQ(answers(pending), 0U);
  steady_now_ += 1ns;
  users_->sweep();
  EXPECT_EQ(answers(pending), 1U);
  EXPECT_EQ(pending.out.code, status_code::ok);
  EXPECT_FALSE(pending.out.has_events());
  EXPECT_EQ(pending.out.next, "");
  EXPECT_EQ(pending.out.head.sequence, last_sequence());
  EXPECT_FALSE(watched_);
}

TEST_F(event_waits_test, events_that_are_held_back_do_not_make_a_wait_longer) {
  add_user("u", "o");
  call& pending = make(operation::list_events, admin());
  pending.in.after = last_sequence();
  pending.in.wait = 2s;
  pending.in.filter.add(storage::event_type::removed);
  start(pending);
  steady_now_ += 1s;
  write(operation::lock_user, "u");
  steady_now_ += 1s;
  users_->sweep();
  EXPECT_EQ(answers(pending), 1U);
}

TEST_F(event_waits_test, a_wait_behind_the_end_of_the_log_stays_there) {
  call& pending = make(operation::list_events, admin());
  pending.in.after = last_sequence() + 2;
  pending.in.wait = 30s;
  start(pending);
  add_user("u", "o");
  answered_.clear();
  write(operation::lock_user, "u");
  EXPECT_EQ(answers(pending), 1U);
  EXPECT_EQ(pending.out.log_page().sequences, std::vector{last_sequence()});
}

TEST_F(event_waits_test, a_drain_ends_all_and_none_begins) {
  call& pending = wait(admin());
  users_->drain();
  EXPECT_EQ(answers(pending), 1U);
  EXPECT_EQ(pending.out.code, status_code::ok);
  call& late = wait(admin());
  EXPECT_EQ(answers(late), 1U);
}

TEST_F(event_waits_test, a_deadline_ends_a_wait) {
  call& pending = make(operation::list_events, admin());
  pending.in.after = last_sequence();
  pending.in.wait = 30s;
  pending.deadline = steady_now_ + 1s;
  start(pending);
  steady_now_ += 1s;
  users_->sweep();
  EXPECT_EQ(answers(pending), 1U);
  EXPECT_EQ(pending.out.code, status_code::deadline_exceeded);
}

TEST_F(event_waits_test, who_asks_is_judged_when_it_is_answered) {
  admin();
  add_user("reader", "o");
  const std::string reader = token("reader", {role::iam_owner_viewer});
  call& pending = wait(reader);
  write(operation::lock_user, "reader");
  EXPECT_EQ(answers(pending), 1U);
  EXPECT_EQ(pending.out.code, status_code::unauthenticated);
  EXPECT_FALSE(pending.out.has_events());
}

TEST_F(event_waits_test, a_token_may_expire_during_a_wait) {
  admin();
  call& made = make(operation::create_token, {}, "reader");
  made.who.trusted = true;
  made.in.roles.add(role::iam_owner_viewer);
  made.in.lifetime = 10s;
  const std::string reader = ask(made).token;
  add_user("u", "o");
  call& pending = wait(reader);
  now_ += 10s;
  // An event that changes no token.
  write(operation::add_otp_email, "u");
  EXPECT_EQ(answers(pending), 1U);
  EXPECT_EQ(pending.out.code, status_code::unauthenticated);
}

TEST_F(event_waits_test, what_comes_while_it_is_read_is_not_missed) {
  admin();
  add_user("u", "o");
  call& pending = make(operation::list_events, {});
  pending.who.trusted = true;
  pending.in.after = last_sequence();
  pending.in.wait = 30s;
  defer_ = true;
  start(pending);
  ASSERT_EQ(later_.size(), 1U) << "what was read is on its way";
  defer_ = false;
  write(operation::lock_user, "u");
  EXPECT_EQ(answers(pending), 0U);
  for (const auto& run : std::exchange(later_, {})) run();
  EXPECT_EQ(answers(pending), 1U);
  EXPECT_EQ(pending.out.log_page().sequences, std::vector{last_sequence()});
}

TEST_F(event_waits_test, what_nobody_waits_for_any_more_is_given_back) {
  call& pending = wait(admin());
  users_->sweep();
  EXPECT_EQ(answers(pending), 0U);
  gone_ = &pending;
  users_->sweep();
  EXPECT_EQ(answers(pending), 1U);
  EXPECT_FALSE(watched_);
}

TEST_F(event_waits_test, what_another_process_writes_is_found_by_a_sweep) {
  add_user("u", "o");
  storage::memory_engine other{store_.shared()};
  use_service(other);
  call& pending = wait(admin());
  users_->sweep();
  EXPECT_EQ(answers(pending), 0U);
  watched_ = false;  // it is not told
  write(operation::lock_user, "u");
  EXPECT_EQ(answers(pending), 0U);
  users_->sweep();
  EXPECT_EQ(answers(pending), 1U);
  EXPECT_EQ(pending.out.log_page().sequences, std::vector{last_sequence()});
}

TEST_F(event_waits_test, a_call_that_is_used_again_does_not_wait) {
  call& pending = wait(admin(), 1s);
  users_->drain();
  pending.clear();
  EXPECT_EQ(pending.in.wait, 0s);
  EXPECT_FALSE(pending.wait_until);
  EXPECT_FALSE(pending.waited);
}

TEST_F(event_waits_test, streams_have_a_bound_and_give_their_places_back) {
  budget streams{1};
  streams_ = &streams;
  use_service(store_);
  call& first = make(operation::list_events, admin());
  call& second = make(operation::list_events, admin());
  first.in.follow = second.in.follow = true;
  start(first);
  EXPECT_EQ(answers(first), 1U);
  EXPECT_TRUE(first.out.more);
  start(second);
  EXPECT_EQ(second.out.code, status_code::resource_exhausted);
  EXPECT_FALSE(second.out.more);
  users_->go_on(first);
  users_->drain();
  EXPECT_EQ(first.out.code, status_code::unavailable);
  EXPECT_EQ(tally_.answers(operation::list_events, status_code::unavailable), 1U);
  EXPECT_EQ(tally_.answers(operation::list_events, status_code::ok), 0U) << "parts are not counted";
  calls_.release(first);
  EXPECT_EQ(streams.used(), 0U);
}

// By whom it is read is asked again with each event.
TEST_F(event_waits_test, a_wait_ends_with_the_key_of_its_jwt) {
  testing::jwt_world provider;
  issuers_ = &provider.issuers;
  use_service(store_);
  add_user("u", "o");
  admin();
  const std::string by = provider.pair.sign(
      R"({"iss":"https://issuer.example","aud":"factord","sub":"m","exp":4102444800,)"
      R"("roles":["iam"]})");
  call& pending = wait(by);
  EXPECT_EQ(answers(pending), 0U);
  write(operation::lock_user, "u");
  EXPECT_EQ(answers(pending), 1U);
  EXPECT_EQ(pending.out.code, status_code::ok);
  call& next = wait(by);
  provider.keys.use(provider.keys.current(), true);
  users_->sweep();
  EXPECT_EQ(answers(next), 0U) << "judged again, it waits on";
  write(operation::unlock_user, "u");
  EXPECT_EQ(next.out.code, status_code::ok) << "the key is there: another one has gone";
  call& last = wait(by);
  provider.use({factord::testing::jwt_signer(jwt::algorithm::eddsa, "a").jwk()}, true);
  write(operation::lock_user, "u");
  EXPECT_EQ(answers(last), 1U);
  EXPECT_EQ(last.out.code, status_code::unauthenticated);
  provider.use({provider.pair.jwk()}, true);
  call& quiet = wait(by);
  provider.use({factord::testing::jwt_signer(jwt::algorithm::eddsa, "a").jwk()}, true);
  users_->sweep();
  EXPECT_EQ(answers(quiet), 1U) << "without an event, too";
  EXPECT_EQ(quiet.out.code, status_code::unauthenticated);
}

TEST_F(event_waits_test, a_deadline_ends_a_stream) {
  call& pending = make(operation::list_events, admin());
  pending.in.follow = true;
  pending.deadline = steady_now_ + 10s;
  start(pending);
  EXPECT_TRUE(pending.out.more);
  users_->go_on(pending);
  EXPECT_EQ(answers(pending), 1U);
  steady_now_ += 10s;
  users_->sweep();
  EXPECT_EQ(answers(pending), 2U);
  EXPECT_EQ(pending.out.code, status_code::deadline_exceeded);
}

TEST_F(event_waits_test, a_stream_that_nobody_reads_ends) {
  call& pending = make(operation::list_events, admin());
  pending.in.follow = true;
  start(pending);
  users_->go_on(pending);
  gone_ = &pending;
  users_->sweep();
  EXPECT_EQ(answers(pending), 2U);
  EXPECT_EQ(pending.out.code, status_code::cancelled);
  EXPECT_FALSE(watched_);
}

}  // namespace
}  // namespace factord::service::event_waits_test

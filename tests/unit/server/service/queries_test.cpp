#include <functional>
#include <utility>
#include <vector>

#include "server/service/walk_line.hpp"
#include "tests/unit/support/service_fixture.hpp"

namespace factord::service::queries_test {
namespace {

class queries_test : public service_fixture {};

TEST_F(queries_test, a_user_carries_its_last_event) {
  add_user("u1", "org1");
  now_ += std::chrono::seconds{5};
  add_factor("u1");
  const std::uint64_t last = last_sequence();
  add_user("u2", "org1");
  const answer& read = ask(operation::get_user, admin(), "u1");
  EXPECT_EQ(read.details.sequence, last);
  EXPECT_EQ(read.details.change_date, start_time + std::chrono::seconds{5});
  EXPECT_EQ(read.details.creation_date, start_time);
  EXPECT_EQ(read.details.resource_owner, "org1");
}

TEST_F(queries_test, unknown_and_removed_users_are_not_found) {
  add_user("u1", "org1");
  ask(operation::delete_user, admin(), "u1");
  for (const std::string_view id : {"u1", "nobody"}) {
    const answer& read = ask(operation::get_user, admin(), id);
    EXPECT_EQ(read.code, status_code::not_found);
    EXPECT_EQ(read.error_id, "QUERY-Dfbg2");
  }
}

TEST_F(queries_test, lists_see_the_write_before) {
  add_user("u1", "org1");
  for (const operation op : {operation::list_method_types, operation::list_factors}) {
    EXPECT_FALSE(ask(op, admin(), "u1").otp_email);
    add_factor("u1");
    const answer& with = ask(op, admin(), "u1");
    EXPECT_TRUE(with.otp_email);
    EXPECT_EQ(with.head.sequence, last_sequence());
    ask(operation::remove_otp_email, admin(), "u1");
    EXPECT_FALSE(ask(op, admin(), "u1").otp_email);
  }
}

TEST_F(queries_test, an_unknown_user_has_no_methods) {
  const answer& none = ask(operation::list_method_types, admin(), "nobody");
  EXPECT_EQ(none.code, status_code::ok);
  EXPECT_FALSE(none.otp_email);
}

TEST_F(queries_test, reading_needs_self_or_the_permission_on_that_org) {
  add_user("u1", "org1");
  for (const operation op :
       {operation::get_user, operation::list_method_types, operation::list_factors}) {
    EXPECT_EQ(ask(op, token("u1", {}), "u1").code, status_code::ok);
    EXPECT_EQ(ask(op, token("x", {}), "u1").error_id, "AUTH-AWfge");
    EXPECT_EQ(ask(op, token("x", {role::org_owner_viewer}, "org1"), "u1").code, status_code::ok);
    EXPECT_EQ(ask(op, token("x", {role::org_owner}, "org2"), "u1").error_id, "AUTH-AWfge");
  }
}

TEST_F(queries_test, events_are_for_instance_owners_and_viewers) {
  add_user("u1", "org1");
  EXPECT_EQ(ask(make(operation::list_events, token("u1", {}))).error_id, "AUTH-AWfge");
  EXPECT_EQ(ask(make(operation::list_events, token("x", {role::org_owner}, "org1"))).error_id,
            "AUTH-AWfge");
  const answer& read = ask(make(operation::list_events, token("x", {role::iam_owner_viewer})));
  ASSERT_EQ(read.code, status_code::ok);
  EXPECT_EQ(read.log_page().sequences.front(), 1U);
  EXPECT_EQ(read.log_page().sequences.size(), last_sequence());
  EXPECT_EQ(read.head.sequence, last_sequence());
  EXPECT_EQ(read.store_id, "store");
}

// One that waits for others may be wanted no longer by the time of its turn.
TEST_F(queries_test, walks_have_their_deadline_when_their_turn_comes) {
  std::vector<std::function<void()>> later;
  user_service users(
      environment{store_, *queue_, token_epoch_, tally_, [this] { return now_; },
                  [this] { return steady_now_; }, draw_, start_time,
                  [&later](std::function<void()> run) { later.push_back(std::move(run)); },
                  [this](call& done) { answered_.push_back(&done); }});
  std::vector<call*> walks;
  for (std::size_t i = 0; i <= walk_line::most_under_way; ++i) {
    call& pending = make(operation::list_events, {});
    pending.who.trusted = true;
    pending.deadline = steady_now_ + std::chrono::seconds{1};
    users.start(pending);
    walks.push_back(&pending);
  }
  steady_now_ += std::chrono::seconds{1};
  while (!later.empty()) {
    for (const auto& run : std::exchange(later, {})) run();
  }
  EXPECT_EQ(answered_.size(), walks.size());
  for (const call* pending : walks) {
    EXPECT_EQ(pending->out.code,
              pending == walks.back() ? status_code::deadline_exceeded : status_code::ok);
  }
}

TEST_F(queries_test, events_page_and_narrow_to_a_user) {
  add_user("u1", "org1");
  add_user("u2", "org1");
  add_factor("u1");
  call& page = make(operation::list_events, admin());
  page.in.after = 1;
  page.in.limit = 2;
  EXPECT_EQ(ask(page).log_page().sequences, (std::vector<std::uint64_t>{2, 3}));
  call& narrow = make(operation::list_events, admin(), "u1");
  EXPECT_EQ(ask(narrow).log_page().sequences, (std::vector<std::uint64_t>{1, 2, 5}));
}

TEST_F(queries_test, stats_count_answers_and_events) {
  add_user("u1", "org1");
  add_factor("u1");
  ask(operation::remove_otp_email, admin(), "u1");
  ask(operation::remove_otp_email, admin(), "u1");
  EXPECT_EQ(tally_.answers(operation::remove_otp_email, status_code::ok), 1U);
  EXPECT_EQ(tally_.answers(operation::remove_otp_email, status_code::not_found), 1U);
  EXPECT_EQ(tally_.events(storage::event_type::otp_email_removed), 1U);
}

}  // namespace
}  // namespace factord::service::queries_test

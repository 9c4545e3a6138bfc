#include "tests/unit/support/service_fixture.hpp"

namespace factord::service::add_human_user_test {
namespace {

class adding : public service_fixture {
 protected:
  call& make_user(std::string_view token, std::string_view id = {}, std::string_view org = "org1") {
    call& pending = make(operation::add_human_user, token, id);
    pending.in.org = org;
    pending.in.username = "gigi";
    pending.in.email = "gigi@example.org";
    pending.in.person.set_given_name("Gigi");
    pending.in.person.set_family_name("Giraffe");
    return pending;
  }
};

TEST_F(adding, keeps_what_it_was_given) {
  const answer& made = ask(make_user(admin(), "u1"));
  ASSERT_EQ(made.code, status_code::ok) << made.message;
  EXPECT_EQ(made.user_id, "u1");
  EXPECT_EQ(made.details.resource_owner, "org1");
  const answer& read = ask(operation::get_user, admin(), "u1");
  EXPECT_EQ(read.user.username(), "gigi");
  EXPECT_EQ(read.user.person().family_name(), "Giraffe");
  EXPECT_EQ(read.user.email(), "gigi@example.org");
  EXPECT_FALSE(read.user.email_verified());
  EXPECT_EQ(read.user.state(), storage::USER_STATE_ACTIVE);
}

TEST_F(adding, fills_in_the_names_that_were_left_out) {
  call& bare = make_user(admin(), "bare");
  bare.in.username.clear();
  ASSERT_EQ(ask(bare).code, status_code::ok);
  const answer& filled = ask(operation::get_user, admin(), "bare");
  EXPECT_EQ(filled.user.username(), "gigi@example.org");
  EXPECT_EQ(filled.user.person().display_name(), "Gigi Giraffe");

  call& named = make_user(admin(), "named");
  named.in.person.set_display_name("The Giraffe");
  ASSERT_EQ(ask(named).code, status_code::ok);
  EXPECT_EQ(ask(operation::get_user, admin(), "named").user.person().display_name(), "The Giraffe");
}

TEST_F(adding, refuses_a_username_that_differs_in_case_only) {
  call& first = make_user(admin(), "u1");
  first.in.username = "Gigi \u00C9";
  ASSERT_EQ(ask(first).code, status_code::ok);
  EXPECT_EQ(ask(operation::get_user, admin(), "u1").user.username(), "Gigi \u00C9");
  call& second = make_user(admin(), "u2");
  second.in.username = "gIGI \u00E9";
  EXPECT_EQ(ask(second).error_id, "V3-DKcYh");
  call& elsewhere = make_user(admin(), "u3", "org2");
  elsewhere.in.username = "GIGI \u00C9";
  EXPECT_EQ(ask(elsewhere).code, status_code::ok);

  ASSERT_EQ(ask(operation::delete_user, admin(), "u1").code, status_code::ok);
  call& freed = make_user(admin(), "u4");
  freed.in.username = "gigi \u00E9";
  EXPECT_EQ(ask(freed).code, status_code::ok);
}

TEST_F(adding, draws_an_id_of_18_digits) {
  const answer& made = ask(make_user(admin()));
  ASSERT_EQ(made.code, status_code::ok);
  EXPECT_EQ(made.user_id.size(), 18U);
  EXPECT_EQ(made.user_id.find_first_not_of("0123456789"), std::string::npos);
}

TEST_F(adding, passes_over_ids_that_are_taken) {
  call& probe = make_user(admin());
  random_.seed();
  const std::string first = ask(probe).user_id;
  random_.seed();
  call& again = make_user(admin());
  again.in.username = "other";
  const answer& made = ask(again);
  ASSERT_EQ(made.code, status_code::ok);
  EXPECT_NE(made.user_id, first);
  EXPECT_EQ(again.draws.ids.front(), first) << "the same id was drawn and was not taken";
}

TEST_F(adding, events_follow_the_email) {
  ask(make_user(admin(), "plain"));
  EXPECT_EQ(event_names().back(), "user.human.added");

  call& verified = make_user(admin(), "verified", "org2");
  verified.in.email_verified = true;
  const std::uint64_t before = last_sequence();
  EXPECT_EQ(ask(verified).details.sequence, before + 2) << "the last event's";
  EXPECT_EQ(event_names().back(), "user.human.email.verified");

  call& coded = make_user(admin(), "coded", "org3");
  coded.in.return_code = true;
  EXPECT_EQ(ask(coded).email_code.size(), 8U);
  EXPECT_EQ(event_names().back(), "user.human.email.code.added");
}

TEST_F(adding, with_the_factor_is_one_command_of_three_events) {
  call& pending = make_user(admin(), "u1");
  pending.in.email_verified = pending.in.otp_email = true;
  const std::uint64_t before = last_sequence();
  store_.refuse_commits(1, storage::commit_status::conflict);
  EXPECT_EQ(ask(pending).details.sequence, before + 3) << "the last event's";
  EXPECT_EQ(last_sequence(), before + 3);
  EXPECT_EQ(event_names().back(), "user.human.mfa.otp.email.added");
  EXPECT_TRUE(ask(operation::list_factors, admin(), "u1").otp_email);
  call& drawn = make_user(admin(), {}, "org2");
  drawn.in.email_verified = drawn.in.otp_email = true;
  const std::string id = ask(drawn).user_id;
  EXPECT_TRUE(ask(operation::list_factors, admin(), id).otp_email);
}

TEST_F(adding, with_the_factor_takes_both_permissions_on_the_organization) {
  const std::string clerk = token("clerk", {role::org_user_manager}, "org1");
  const std::string owner = token("owner", {role::org_owner}, "org1");
  const std::uint64_t before = last_sequence();
  const auto with_factor = [this](std::string_view by, std::string_view org) -> call& {
    call& pending = make_user(by, "u1", org);
    pending.in.email_verified = pending.in.otp_email = true;
    return pending;
  };
  EXPECT_EQ(ask(with_factor(clerk, "org1")).error_id, "AUTH-AWfge");
  EXPECT_EQ(ask(with_factor(clerk, "org2")).error_id, "AUTH-5mWD2");
  EXPECT_EQ(ask(with_factor(owner, "org2")).error_id, "AUTH-5mWD2");
  EXPECT_EQ(last_sequence(), before);
  EXPECT_EQ(ask(with_factor(owner, "org1")).code, status_code::ok);
}

TEST_F(adding, a_dry_run_says_what_would_be_and_does_nothing) {
  const std::string by = admin();
  add_user("taken", "org1");
  const std::uint64_t before = last_sequence();
  const auto dry = [&](std::string_view id) -> call& {
    call& pending = make_user(by, id);
    pending.in.email_verified = pending.in.otp_email = pending.in.dry_run = true;
    return pending;
  };
  for (int i = 0; i < 2; ++i) {
    const answer named = ask(dry("u1"));
    EXPECT_EQ(named.code, status_code::ok);
    EXPECT_EQ(named.user_id, "u1");
    EXPECT_EQ(named.details.sequence, 0U);
    EXPECT_EQ(ask(dry({})).user_id, "");
    EXPECT_EQ(ask(dry("taken")).error_id, "COMMAND-7yiox1isql");
  }
  EXPECT_EQ(last_sequence(), before);
}

TEST_F(adding, refuses_a_taken_id_before_a_taken_username) {
  ask(make_user(admin(), "u1"));
  const answer& same = ask(make_user(admin(), "u1"));
  EXPECT_EQ(same.code, status_code::failed_precondition);
  EXPECT_EQ(same.error_id, "COMMAND-7yiox1isql");
  const answer& name = ask(make_user(admin(), "u2"));
  EXPECT_EQ(name.code, status_code::already_exists);
  EXPECT_EQ(name.error_id, "V3-DKcYh");
  EXPECT_EQ(ask(make_user(admin(), "u2", "org2")).code, status_code::ok) << "per org";
}

TEST_F(adding, of_one_batch_the_first_gets_the_username) {
  admin();
  call& first = make_user(admin_, "u1");
  call& second = make_user(admin_, "u2");
  users_->start(first);
  users_->start(second);
  ASSERT_TRUE(queue_->run_batch(now_));
  EXPECT_EQ(first.out.code, status_code::ok);
  EXPECT_EQ(second.out.error_id, "V3-DKcYh");
}

TEST_F(adding, needs_the_permission_on_that_org) {
  EXPECT_EQ(ask(make_user(token("x", {}), "u1")).error_id, "AUTH-5mWD2");
  const std::string manager = token("x", {role::org_user_manager}, "org1");
  EXPECT_EQ(ask(make_user(manager, "u1", "org2")).error_id, "AUTH-5mWD2");
  EXPECT_EQ(ask(make_user(manager, "u1", "org1")).code, status_code::ok);
}

TEST_F(adding, takes_the_callers_org_from_its_grant_then_from_its_record) {
  add_user("boss", "org7");
  const std::string boss = token("boss", {role::iam_owner});
  EXPECT_EQ(ask(make_user(boss, "u1", "")).details.resource_owner, "org7");

  const std::string granted = token("outside", {role::org_owner}, "org8");
  // Whoever may add users elsewhere may have chosen that id.
  add_user("outside", "elsewhere");
  EXPECT_EQ(ask(make_user(granted, "u2", "")).details.resource_owner, "org8");

  // Or that of somebody who may everywhere.
  const std::string stranger = token("x", {role::org_user_manager}, "org9");
  EXPECT_EQ(ask(make_user(stranger, "planted", "org9")).code, status_code::ok);
  const std::string planted = token("planted", {role::iam_owner});
  EXPECT_EQ(ask(make_user(planted, "u3", "")).message, "organization is required");

  const answer& none = ask(make_user(admin(), "u3", ""));
  EXPECT_EQ(none.code, status_code::invalid_argument);
  EXPECT_EQ(none.message, "organization is required");
}

}  // namespace
}  // namespace factord::service::add_human_user_test

#include <ostream>

#include "tests/unit/support/service_fixture.hpp"

namespace factord::service::otp_email_test {
namespace {

class otp_email : public service_fixture {
 protected:
  void SetUp() override {
    add_user("u1", "org1");
    add_factor("u1");
    add_user("u2", "org2");
  }
};

TEST_F(otp_email, removal_appends_one_event_and_tells_it) {
  const std::string token = admin();
  const std::uint64_t before = last_sequence();
  const answer& done = ask(operation::remove_otp_email, token, "u1");
  ASSERT_EQ(done.code, status_code::ok) << done.message;
  EXPECT_EQ(done.details.sequence, before + 1);
  EXPECT_EQ(done.details.change_date, now_);
  EXPECT_EQ(done.details.resource_owner, "org1");
  EXPECT_EQ(last_sequence(), before + 1);
  EXPECT_EQ(event_names().back(), "user.human.mfa.otp.email.removed");
}

TEST_F(otp_email, second_removal_is_not_found_and_writes_nothing) {
  ask(operation::remove_otp_email, admin(), "u1");
  const std::uint64_t before = last_sequence();
  const answer& done = ask(operation::remove_otp_email, admin(), "u1");
  EXPECT_EQ(done.code, status_code::not_found);
  EXPECT_EQ(done.error_id, "COMMAND-b312D");
  EXPECT_EQ(done.message, "Multifactor OTP (OneTimePassword) doesn't exist");
  EXPECT_EQ(last_sequence(), before);
}

TEST_F(otp_email, of_two_removals_in_one_batch_one_wins) {
  admin();
  call& first = make(operation::remove_otp_email, admin_, "u1");
  call& second = make(operation::remove_otp_email, admin_, "u1");
  users_->start(first);
  users_->start(second);
  ASSERT_TRUE(queue_->run_batch(now_));
  EXPECT_FALSE(queue_->run_batch(now_)) << "both were in one batch";
  EXPECT_EQ(first.out.code, status_code::ok);
  EXPECT_EQ(second.out.code, status_code::not_found);
}

TEST_F(otp_email, add_and_remove_alternate) {
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(ask(operation::remove_otp_email, admin(), "u1").code, status_code::ok);
    EXPECT_EQ(ask(operation::add_otp_email, admin(), "u1").code, status_code::ok);
  }
  const answer& again = ask(operation::add_otp_email, admin(), "u1");
  EXPECT_EQ(again.code, status_code::already_exists);
  EXPECT_EQ(again.error_id, "COMMAND-MKL2s");
}

TEST_F(otp_email, adding_needs_a_verified_email_of_a_live_user) {
  add_user("u3", "org1", false);
  for (const std::string_view id : {"u3", "nobody"}) {
    const answer& done = ask(operation::add_otp_email, admin(), id);
    EXPECT_EQ(done.code, status_code::failed_precondition) << id;
    EXPECT_EQ(done.error_id, "COMMAND-KLJ2d") << id;
  }
}

// Caller, target, and what a removal and an addition answer. "u1" of org1 has the factor, "u2" of
// org2 has none.
struct permission_case {
  std::string_view what;
  std::string_view subject;
  std::optional<role> granted;
  std::string_view org;
  std::string_view target;
  std::string_view removal_id;  ///< error id; empty for 200
};

// How a case is named in a test report.
void PrintTo(const permission_case& one, std::ostream* out) { *out << one.what; }

constexpr permission_case permission_cases[] = {
    {"self", "u1", std::nullopt, "", "u1", ""},
    {"self without factor", "u2", std::nullopt, "", "u2", "COMMAND-b312D"},
    {"a stranger", "u2", std::nullopt, "", "u1", "AUTH-AWfge"},
    {"a stranger learns nothing", "u2", std::nullopt, "", "nobody", "AUTH-AWfge"},
    {"a reader", "x", role::iam_owner_viewer, "", "u1", "AUTH-AWfge"},
    {"everywhere", "x", role::iam_user_manager, "", "u1", ""},
    {"everywhere, unknown user", "x", role::iam_owner, "", "nobody", "COMMAND-b312D"},
    {"own org", "x", role::org_user_manager, "org1", "u1", ""},
    {"other org", "x", role::org_owner, "org2", "u1", "AUTH-AWfge"},
    {"other org, no factor", "x", role::org_owner, "org1", "u2", "AUTH-AWfge"},
    {"own org, no factor", "x", role::org_owner, "org2", "u2", "COMMAND-b312D"},
    {"own org, unknown user", "x", role::org_owner, "org2", "nobody", "COMMAND-b312D"},
};

class removal_permission : public otp_email,
                           public ::testing::WithParamInterface<permission_case> {};

TEST_P(removal_permission, holds) {
  const permission_case& one = GetParam();
  std::string by;
  if (one.granted) {
    by = token(one.subject, {*one.granted}, one.org);
  } else {
    by = token(one.subject, {});
  }
  const std::uint64_t before = last_sequence();
  const answer& done = ask(operation::remove_otp_email, by, one.target);
  EXPECT_EQ(done.error_id, one.removal_id) << one.what;
  EXPECT_EQ(last_sequence() - before, one.removal_id.empty() ? 1 : 0) << one.what;
}

INSTANTIATE_TEST_SUITE_P(table, removal_permission, ::testing::ValuesIn(permission_cases));

TEST_F(otp_email, a_removed_user_has_no_factor) {
  ASSERT_EQ(ask(operation::delete_user, admin(), "u1").code, status_code::ok);
  EXPECT_EQ(ask(operation::remove_otp_email, admin(), "u1").error_id, "COMMAND-b312D");
  EXPECT_EQ(ask(operation::add_otp_email, admin(), "u1").error_id, "COMMAND-KLJ2d");
}

TEST_F(otp_email, a_locked_user_can_lose_the_factor) {
  ASSERT_EQ(ask(operation::lock_user, admin(), "u1").code, status_code::ok);
  EXPECT_EQ(ask(operation::remove_otp_email, admin(), "u1").code, status_code::ok);
}

}  // namespace
}  // namespace factord::service::otp_email_test

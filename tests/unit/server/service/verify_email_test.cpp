#include "tests/unit/support/service_fixture.hpp"

namespace factord::service::verify_email_test {
namespace {

class verifying : public service_fixture {
 protected:
  void SetUp() override {
    call& pending = make(operation::add_human_user, {}, "u1");
    pending.who.trusted = true;
    pending.in.org = "org1";
    pending.in.username = "u1";
    pending.in.email = "u1@example.org";
    pending.in.return_code = true;
    code_ = ask(pending).email_code;
  }

  const answer& verify(std::string_view code, std::string_view by = {}) {
    call& pending = make(operation::verify_email, by.empty() ? admin() : std::string(by), "u1");
    pending.in.verification_code = code;
    return ask(pending);
  }

  std::string code_;
};

TEST_F(verifying, the_right_code_verifies_once) {
  EXPECT_EQ(verify(code_).code, status_code::ok);
  EXPECT_EQ(event_names().back(), "user.human.email.verified");
  EXPECT_TRUE(ask(operation::get_user, admin(), "u1").user.email_verified());
  const answer& again = verify(code_);
  EXPECT_EQ(again.error_id, "COMMAND-eis9R") << "the code is used up";
}

TEST_F(verifying, a_wrong_code_is_an_event) {
  const answer& wrong = verify("WRONG000");
  EXPECT_EQ(wrong.code, status_code::invalid_argument);
  EXPECT_EQ(wrong.error_id, "COMMAND-eis9R");
  EXPECT_EQ(wrong.message, "Code is invalid");
  EXPECT_EQ(event_names().back(), "user.human.email.verification.failed");
  EXPECT_EQ(verify(code_).code, status_code::ok);
}

TEST_F(verifying, the_tenth_failure_voids_the_code) {
  for (int i = 0; i < 9; ++i) verify("WRONG000");
  admin();
  verify("WRONG000");
  const std::uint64_t before = last_sequence();
  EXPECT_EQ(verify(code_).error_id, "COMMAND-eis9R");
  EXPECT_EQ(last_sequence(), before) << "nothing to guess, nothing to log";
}

TEST_F(verifying, nine_failures_leave_it_open) {
  for (int i = 0; i < 9; ++i) verify("WRONG000");
  EXPECT_EQ(verify(code_).code, status_code::ok);
}

TEST_F(verifying, a_code_lives_an_hour) {
  const std::string by = admin();
  now_ += std::chrono::hours{1} - std::chrono::microseconds{1};
  call& in_time = make(operation::verify_email, by, "u1");
  in_time.in.verification_code = code_;
  EXPECT_EQ(ask(in_time).code, status_code::ok);
}

TEST_F(verifying, an_hour_later_it_is_void) {
  const std::string by = admin();
  now_ += std::chrono::hours{1};
  EXPECT_EQ(verify(code_, by).error_id, "COMMAND-eis9R");
}

TEST_F(verifying, self_may_and_strangers_may_not) {
  EXPECT_EQ(verify(code_, token("other", {})).error_id, "AUTH-AWfge");
  EXPECT_EQ(verify(code_, token("u1", {})).code, status_code::ok);
}

TEST_F(verifying, an_unknown_user_has_no_email) {
  call& pending = make(operation::verify_email, admin(), "nobody");
  pending.in.verification_code = code_;
  const answer& done = ask(pending);
  EXPECT_EQ(done.code, status_code::not_found);
  EXPECT_EQ(done.error_id, "COMMAND-ieJ2e");
  EXPECT_EQ(done.message, "Email not found");
}

TEST_F(verifying, another_code_takes_the_place_of_the_first) {
  const std::string by = admin();
  for (int i = 0; i < 10; ++i) verify("WRONG000");
  const answer& resent = ask(operation::resend_email_code, by, "u1");
  ASSERT_EQ(resent.code, status_code::ok) << resent.message;
  EXPECT_EQ(event_names().back(), "user.human.email.code.added");
  const std::string second = resent.email_code;
  EXPECT_EQ(second.size(), code_.size());
  EXPECT_NE(second, code_);
  now_ += std::chrono::hours{1} - std::chrono::microseconds{1};
  EXPECT_EQ(verify(code_).error_id, "COMMAND-eis9R") << "void";
  EXPECT_EQ(verify(second).code, status_code::ok) << "with failures and an hour of its own";
}

TEST_F(verifying, one_that_is_past_its_hour_can_be_made_anew) {
  now_ += std::chrono::hours{48};
  const std::string second = ask(operation::resend_email_code, admin(), "u1").email_code;
  EXPECT_EQ(verify(second).code, status_code::ok);
}

TEST_F(verifying, there_is_no_other_code_where_there_was_none) {
  add_user("verified", "org1");
  add_user("without", "org1", false);
  for (const std::string_view id : {"verified", "without"}) {
    const answer& refused = ask(operation::resend_email_code, admin(), id);
    EXPECT_EQ(refused.code, status_code::failed_precondition) << id;
    EXPECT_EQ(refused.error_id, "EMAIL-5w5ilin4yt") << id;
    EXPECT_EQ(refused.email_code, "") << id;
  }
  EXPECT_EQ(ask(operation::resend_email_code, admin(), "nobody").error_id, "COMMAND-ieJ2e");
}

TEST_F(verifying, another_code_is_made_for_oneself_and_by_permission) {
  EXPECT_EQ(ask(operation::resend_email_code, token("u1", {}), "u1").code, status_code::ok);
  EXPECT_EQ(ask(operation::resend_email_code, token("x", {role::org_owner}, "org1"), "u1").code,
            status_code::ok);
  EXPECT_EQ(ask(operation::resend_email_code, token("x", {role::org_owner}, "org2"), "u1").error_id,
            "AUTH-AWfge");
  EXPECT_EQ(ask(operation::resend_email_code, token("x", {}), "u1").error_id, "AUTH-AWfge");
}

}  // namespace
}  // namespace factord::service::verify_email_test

#include "tests/unit/support/service_fixture.hpp"

namespace factord::service::authentication_test {
namespace {

class authentication : public service_fixture {
 protected:
  const answer& with_header(std::string_view header) {
    call& pending = make(operation::get_user, {}, "u1");
    pending.in.has_authorization = true;
    pending.in.authorization = header;
    return ask(pending);
  }
};

TEST_F(authentication, tells_a_missing_header_from_a_wrong_one) {
  const answer& missing = ask(operation::get_user, "", "u1");
  EXPECT_EQ(missing.code, status_code::unauthenticated);
  EXPECT_EQ(missing.message, "auth header missing");
  EXPECT_EQ(missing.error_id, "");
  for (const std::string_view header :
       {"", "Basic abc", "Bearer", "Bearerabc", "Bearer\tabc", "Bearers abc", " Bearer abc"}) {
    const answer& wrong = with_header(header);
    EXPECT_EQ(wrong.code, status_code::unauthenticated) << header;
    EXPECT_EQ(wrong.message, "invalid auth header") << header;
    EXPECT_EQ(wrong.error_id, "AUTH-7fs1e") << header;
  }
}

TEST_F(authentication, the_scheme_is_in_any_case_and_the_token_is_not) {
  add_user("u1", "org1");
  const std::string secret = admin();
  for (const std::string_view scheme : {"Bearer ", "bearer ", "BEARER ", "bEaReR ", "Bearer   "}) {
    EXPECT_EQ(with_header(std::string(scheme) + secret).code, status_code::ok) << scheme;
  }
  std::string other = secret;
  for (char& c : other) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  ASSERT_NE(other, secret);
  EXPECT_EQ(with_header("Bearer " + other).message, "Errors.Token.Invalid");
}

TEST_F(authentication, every_bad_token_answers_the_same) {
  add_user("u1", "org1");
  call& pending = make(operation::create_token, {}, "x");
  pending.who.trusted = true;
  pending.in.roles.add(role::iam_owner);
  pending.in.lifetime = std::chrono::seconds{10};
  const std::string expiring = ask(pending).token;
  EXPECT_EQ(ask(operation::get_user, expiring, "u1").code, status_code::ok);
  now_ += std::chrono::seconds{10};
  for (const std::string& bad : {expiring, std::string("unknown"), std::string(" ")}) {
    const answer& refused = with_header("Bearer " + bad);
    EXPECT_EQ(refused.code, status_code::unauthenticated) << bad;
    EXPECT_EQ(refused.message, "Errors.Token.Invalid") << bad;
    EXPECT_EQ(refused.error_id, "AUTH-7fs1e") << bad;
  }
}

TEST_F(authentication, comes_before_validation) {
  call& pending = make(operation::get_user, "unknown", "u1");
  pending.rejected = {status_code::invalid_argument, "", "bad"};
  EXPECT_EQ(ask(pending).code, status_code::unauthenticated);
  call& valid = make(operation::get_user, token("x", {}), "u1");
  valid.rejected = {status_code::invalid_argument, "", "bad"};
  EXPECT_EQ(ask(valid).message, "bad") << "and validation before permission";
}

TEST_F(authentication, a_subject_that_is_barred_bars_its_tokens) {
  add_user("u1", "org1");
  const std::string self = token("u1", {});
  const std::string by = admin();
  const auto works = [&] { return ask(operation::get_user, self, "u1").code == status_code::ok; };
  EXPECT_TRUE(works());
  ask(operation::lock_user, by, "u1");
  EXPECT_FALSE(works());
  ask(operation::unlock_user, by, "u1");
  EXPECT_TRUE(works());
  ask(operation::deactivate_user, by, "u1");
  EXPECT_FALSE(works());
  ask(operation::reactivate_user, by, "u1");
  EXPECT_TRUE(works());
  ask(operation::delete_user, by, "u1");
  EXPECT_FALSE(works());
}

}  // namespace
}  // namespace factord::service::authentication_test

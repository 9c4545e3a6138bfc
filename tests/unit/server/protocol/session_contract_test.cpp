#include <gmock/gmock.h>

#include "tests/unit/server/protocol/session_fixture.hpp"

namespace factord::protocol::session_contract_test {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

constexpr std::string_view remove_u1 = "DELETE /v2/users/u1/otp_email";

class contract : public session_fixture {
 protected:
  void SetUp() override {
    add_user("u1", "org1");
    add_factor("u1");
    admin();
  }
};

TEST_F(contract, removal_answers_details_and_nothing_else) {
  now_ = from_micros(1'732'200'491'999'000);
  const auto seen = ask_http(remove_u1, {}, admin_);
  EXPECT_EQ(seen.status, 200U);
  EXPECT_EQ(seen.body, R"({"details":{"sequence":"5","changeDate":"2024-11-21T14:48:11.999Z",)"
                       R"("resourceOwner":"org1"}})");
  for (const std::string_view line : {"Content-Type: application/json", "Cache-Control: no-store",
                                      "X-Content-Type-Options: nosniff", "Server: factord"}) {
    EXPECT_TRUE(seen.has(line)) << line;
  }
}

TEST_F(contract, errors_with_an_id_have_the_whole_envelope) {
  ask_http(remove_u1, {}, admin_);
  const auto seen = ask_http(remove_u1, {}, admin_);
  EXPECT_EQ(seen.status, 404U);
  const std::string text = "Multifactor OTP (OneTimePassword) doesn't exist";
  EXPECT_EQ(seen.body, R"({"code":5,"message":")" + text + R"~( (COMMAND-b312D)","details":[)~" +
                           R"({"@type":"type.googleapis.com/zitadel.v1.ErrorDetail",)" +
                           R"("id":"COMMAND-b312D","message":")" + text + R"("}]})");
}

TEST_F(contract, errors_without_an_id_have_no_details) {
  const auto missing = ask_http(remove_u1);
  EXPECT_EQ(missing.status, 401U);
  EXPECT_TRUE(missing.has("WWW-Authenticate: Bearer"));
  EXPECT_EQ(missing.body, R"({"code":16,"message":"auth header missing"})");
  EXPECT_EQ(ask_http("GET /nowhere", {}, admin_).body, R"({"code":5,"message":"Not Found"})");
  const auto barred = ask_http("GET /v2/users/u1/otp_email");
  EXPECT_EQ(barred.status, 405U);
  EXPECT_TRUE(barred.has("Allow: DELETE, POST"));
  EXPECT_EQ(barred.body, R"({"code":12,"message":"Method Not Allowed"})");
}

TEST_F(contract, a_body_of_a_removal_is_ignored) {
  EXPECT_EQ(ask_http(remove_u1, "}{ not json", admin_).status, 200U);
}

TEST_F(contract, lists_show_and_hide_the_factor) {
  const auto with = ask_http("GET /v2/users/u1/authentication_methods", {}, admin_);
  EXPECT_THAT(with.body, MatchesRegex(R"(\{"details":\{"totalResult":"1","processedSequence":"4",)"
                                      R"("timestamp":"[^"]+"\},"authMethodTypes":)"
                                      R"(\["AUTHENTICATION_METHOD_TYPE_OTP_EMAIL"\]\})"));
  const std::string_view search = "POST /v2/users/u1/authentication_factors/_search";
  const std::string_view shown =
      R"({"result":[{"state":"AUTH_FACTOR_STATE_READY","otpEmail":{}}]})";
  EXPECT_EQ(ask_http(search, {}, admin_).body, shown);
  EXPECT_EQ(ask_http(search, R"({"authFactors":["OTP_EMAIL","U2F"]})", admin_).body, shown);
  EXPECT_EQ(ask_http(search, R"({"auth_factors":[2],"states":[2]})", admin_).body, shown);
  EXPECT_EQ(ask_http(search, R"({"authFactors":["U2F"]})", admin_).body, "{}");
  EXPECT_EQ(ask_http(search, R"({"states":["AUTH_FACTOR_STATE_REMOVED"]})", admin_).body, "{}");
  EXPECT_EQ(ask_http(search, R"({"authFactors":["NO_SUCH"]})", admin_).status, 400U);
  ask_http(remove_u1, {}, admin_);
  EXPECT_EQ(ask_http(search, {}, admin_).body, "{}");
  EXPECT_THAT(ask_http("GET /v2/users/u1/authentication_methods", {}, admin_).body,
              MatchesRegex(R"(\{"details":\{"processedSequence":"5","timestamp":"[^"]+"\}\})"));
}

TEST_F(contract, a_user_is_shown_with_all_its_names) {
  const auto seen = ask_http("GET /v2/users/u1", {}, admin_);
  EXPECT_EQ(seen.body,
            R"({"details":{"sequence":"3","changeDate":"2024-10-04T00:00:00Z",)"
            R"("resourceOwner":"org1","creationDate":"2024-10-04T00:00:00Z"},)"
            R"("user":{"userId":"u1","state":"USER_STATE_ACTIVE","username":"u1",)"
            R"("loginNames":["u1"],"preferredLoginName":"u1","human":{"userId":"u1",)"
            R"("state":"USER_STATE_ACTIVE","username":"u1","loginNames":["u1"],)"
            R"("preferredLoginName":"u1","profile":{"givenName":"Gigi",)"
            R"("familyName":"Giraffe","displayName":"Gigi Giraffe"},)"
            R"("email":{"email":"u1@example.org",)"
            R"("isVerified":true}},"details":{"sequence":"3","changeDate":"2024-10-04T00:00:00Z",)"
            R"("resourceOwner":"org1","creationDate":"2024-10-04T00:00:00Z"}}})");
}

TEST_F(contract, events_are_told_in_order_without_private_parts) {
  ask_http(remove_u1, {}, admin_);
  const auto seen = ask_http("GET /v2/events?after=4", {}, admin_);
  EXPECT_EQ(seen.body,
            R"({"events":[{"sequence":"5","type":"user.human.mfa.otp.email.removed",)"
            R"("aggregateType":"user","aggregateId":"u1","resourceOwner":"org1","creator":"admin",)"
            R"("creationDate":"2024-10-04T00:00:00Z"}],"lastSequence":"5","storeId":"store"})");
  const auto all = ask_http("GET /v2/events", {}, admin_);
  EXPECT_THAT(all.body, HasSubstr(R"("payload":{"tokenId":)"));
  EXPECT_THAT(all.body, Not(HasSubstr("ash")));
}

TEST_F(contract, health_needs_no_token) {
  const auto alive = ask_http("GET /healthz");
  EXPECT_EQ(alive.status, 200U);
  EXPECT_EQ(alive.body, "ok");
  EXPECT_EQ(ask_http("GET /readyz").body,
            R"({"status":"ready","durability":"disk","machines":"1"})");
  state_.note_clock_step(std::chrono::milliseconds{-86'400'250});
  const auto stepped = ask_http("GET /readyz");
  EXPECT_EQ(stepped.status, 200U);
  EXPECT_EQ(stepped.body, R"({"status":"ready","durability":"disk","machines":"1",)"
                          R"("clockSteps":"1","lastClockStep":"-86400.250s"})");
  state_.advance(readiness::draining);
  const auto draining = ask_http("GET /debug/ready");
  EXPECT_EQ(draining.status, 503U);
  EXPECT_TRUE(draining.has("Retry-After: 1"));
  EXPECT_EQ(ask_http("GET /livez").status, 200U);
}

TEST_F(contract, cors_is_for_allowed_origins_only) {
  const auto preflight = ask_http("OPTIONS /v2/users/u1/otp_email", {}, {},
                                  "Origin: https://console.example\r\n"
                                  "Access-Control-Request-Method: DELETE\r\n");
  EXPECT_EQ(preflight.status, 204U);
  EXPECT_TRUE(preflight.has("Access-Control-Allow-Origin: https://console.example"));
  EXPECT_TRUE(preflight.has("Access-Control-Allow-Credentials: true"));
  EXPECT_TRUE(preflight.has(
      "Access-Control-Expose-Headers: ETag, Idempotency-Replayed, X-Request-Id, grpc-status, "
      "grpc-message, grpc-status-details-bin"));
  EXPECT_THAT(preflight.head, HasSubstr("Access-Control-Allow-Methods: "));
  const auto stranger = ask_http("OPTIONS /v2/users/u1/otp_email", {}, {}, "Origin: https://x\r\n");
  EXPECT_EQ(stranger.status, 204U);
  EXPECT_THAT(stranger.head, Not(HasSubstr("Access-Control")));
  const auto removal = ask_http(remove_u1, {}, admin_, "Origin: https://console.example\r\n");
  EXPECT_TRUE(removal.has("Access-Control-Allow-Origin: https://console.example"));
}

TEST_F(contract, storage_failure_is_500_then_503_with_retry_after) {
  store_.fail_commit(1);
  const auto failed = ask_http(remove_u1, {}, admin_);
  EXPECT_EQ(failed.status, 500U);
  EXPECT_EQ(failed.body, R"({"code":13,"message":"storage failed, outcome unknown"})");
  const auto later = ask_http(remove_u1, {}, admin_);
  EXPECT_EQ(later.status, 503U);
  EXPECT_TRUE(later.has("Retry-After: 1"));
  EXPECT_EQ(later.body, R"({"code":14,"message":"storage failed"})");
}

TEST_F(contract, the_admin_surface_makes_and_revokes_tokens) {
  use_surface(surface::admin);
  const auto made =
      ask_http("POST /admin/v1/tokens", R"({"userId":"u1","roles":["IAM_OWNER_VIEWER"]})");
  EXPECT_EQ(made.status, 201U);
  EXPECT_THAT(made.body, MatchesRegex(R"(\{"tokenId":"[0-9]{18}","token":"[-_A-Za-z0-9]{43}",.*)"));
  const std::string id = made.body.substr(12, 18);
  EXPECT_THAT(ask_http("GET /admin/v1/tokens").body, HasSubstr(id));
  EXPECT_THAT(ask_http("GET /admin/v1/tokens").body, Not(HasSubstr("next")));
  EXPECT_THAT(ask_http("GET /admin/v1/tokens?limit=1").body, HasSubstr(R"("next":")"));
  EXPECT_EQ(ask_http("GET /admin/v1/tokens?after=9999999999999999999").body, R"({"tokens":[]})");
  for (const std::string_view bad :
       {"limit=0", "limit=1001", "limit=", "limit=x", "after=%2", "after="}) {
    EXPECT_EQ(ask_http("GET /admin/v1/tokens?" + std::string(bad)).status, 400U) << bad;
  }
  EXPECT_EQ(ask_http("DELETE /admin/v1/tokens/" + id).status, 200U);
  EXPECT_EQ(ask_http("DELETE /admin/v1/tokens/" + id).status, 404U);
  EXPECT_THAT(ask_http("GET /admin/v1/stats").body, HasSubstr(R"("lastSequence":"6")"));
  for (const std::string_view bad :
       {R"({})", R"({"userId":"u","roles":["NO"]})", R"({"userId":"u","roles":["ORG_OWNER"]})",
        R"({"userId":"u","roles":["IAM_OWNER"],"organization":"o"})",
        R"({"userId":"u","expiresInSeconds":"0"})", R"({"userId":"u","roles":"IAM_OWNER"})"}) {
    EXPECT_EQ(ask_http("POST /admin/v1/tokens", bad).status, 400U) << bad;
  }
}

}  // namespace
}  // namespace factord::protocol::session_contract_test

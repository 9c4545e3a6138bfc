#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>

#include "server/protocol/proto/grpc/health/v1/health.pb.h"
#include "server/protocol/proto/zitadel/user/v2/user_service.pb.h"
#include "tests/unit/server/protocol/rpc/client.hpp"
#include "tests/unit/server/protocol/session_fixture.hpp"
#include "tests/unit/server/protocol/wire/gzip_maker.hpp"

namespace factord::protocol::session_test {
namespace {

namespace v2 = zitadel::user::v2;

using google::protobuf::Message;
using ::testing::HasSubstr;

// The forms that HTTP/1.1 carries.
constexpr rpc_form forms[] = {rpc_form::grpc_web,      rpc_form::grpc_web_proto,
                              rpc_form::grpc_web_text, rpc_form::grpc_web_text_proto,
                              rpc_form::connect_json,  rpc_form::connect_proto};

template <class Request>
Request of_user(std::string_view id) {
  Request message;
  message.set_user_id(std::string(id));
  return message;
}

class rpc : public session_fixture {
 protected:
  answer_seen post(std::string_view method, std::string_view type, std::string_view body,
                   std::string_view token, std::string_view fields = {}) {
    const std::string line = "POST /zitadel.user.v2.UserService/" + std::string(method);
    const std::string all = "Content-Type: " + std::string(type) + "\r\n" + std::string(fields);
    return ask_http(line, body, token, all);
  }

  rpc_outcome call(rpc_form form, std::string_view method, const Message& message,
                   std::string_view token) {
    const auto seen = post(method, traits(form).content_type, request_body(form, message), token);
    const bool connect = traits(form).protocol == rpc_protocol::connect;
    return connect ? read_connect_answer(seen.status, seen.body)
                   : read_web_answer(seen.body, traits(form).text);
  }

  template <class Response>
  Response answer_of(rpc_form form, const rpc_outcome& outcome) {
    EXPECT_EQ(outcome.code, "0") << outcome.message;
    Response message;
    if (traits(form).json) {
      EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(outcome.payload, &message).ok());
    } else {
      EXPECT_TRUE(message.ParseFromString(outcome.payload));
    }
    return message;
  }
};

TEST_F(rpc, a_users_life_in_every_form) {
  for (const rpc_form form : forms) {
    const std::string id = "user-" + std::string(traits(form).content_type.substr(12));
    v2::AddHumanUserRequest add;
    add.set_user_id(id);
    add.mutable_organization()->set_org_id("org1");
    add.mutable_profile()->set_given_name("Ada");
    add.mutable_profile()->set_family_name("Byron");
    add.mutable_profile()->set_gender(v2::GENDER_FEMALE);
    add.mutable_email()->set_email(id + "@example.org");
    add.mutable_email()->mutable_return_code();
    const auto added =
        answer_of<v2::AddHumanUserResponse>(form, call(form, "AddHumanUser", add, admin()));
    EXPECT_EQ(added.user_id(), id);
    EXPECT_EQ(added.details().resource_owner(), "org1");

    auto verify = of_user<v2::VerifyEmailRequest>(id);
    verify.set_verification_code(added.email_code());
    answer_of<v2::VerifyEmailResponse>(form, call(form, "VerifyEmail", verify, admin()));
    const auto set = answer_of<v2::AddOTPEmailResponse>(
        form, call(form, "AddOTPEmail", of_user<v2::AddOTPEmailRequest>(id), admin()));

    const auto types = answer_of<v2::ListAuthenticationMethodTypesResponse>(
        form, call(form, "ListAuthenticationMethodTypes",
                   of_user<v2::ListAuthenticationMethodTypesRequest>(id), admin()));
    EXPECT_EQ(types.details().processed_sequence(), set.details().sequence());
    ASSERT_EQ(types.auth_method_types_size(), 1);
    EXPECT_EQ(types.auth_method_types(0), v2::AUTHENTICATION_METHOD_TYPE_OTP_EMAIL);

    const auto user = answer_of<v2::GetUserByIDResponse>(
        form, call(form, "GetUserByID", of_user<v2::GetUserByIDRequest>(id), admin()));
    EXPECT_EQ(user.user().state(), v2::USER_STATE_ACTIVE);
    EXPECT_EQ(user.user().human().profile().gender(), v2::GENDER_FEMALE);
    EXPECT_TRUE(user.user().human().email().is_verified());

    const auto removed = answer_of<v2::RemoveOTPEmailResponse>(
        form, call(form, "RemoveOTPEmail", of_user<v2::RemoveOTPEmailRequest>(id), admin()));
    EXPECT_EQ(removed.details().sequence(), set.details().sequence() + 1);
    EXPECT_EQ(removed.details().change_date().seconds(), to_micros(now_) / 1'000'000);
    EXPECT_EQ(call(form, "RemoveOTPEmail", of_user<v2::RemoveOTPEmailRequest>(id), admin()).id,
              "COMMAND-b312D");
  }
}

TEST_F(rpc, filters_of_factors) {
  add_user("u1", "org1");
  add_factor("u1");
  const auto count = [this](rpc_form form, v2::ListAuthenticationFactorsRequest sent) {
    sent.set_user_id("u1");
    return answer_of<v2::ListAuthenticationFactorsResponse>(
               form, call(form, "ListAuthenticationFactors", sent, admin()))
        .result_size();
  };
  for (const rpc_form form : {rpc_form::connect_json, rpc_form::connect_proto}) {
    v2::ListAuthenticationFactorsRequest sent;
    EXPECT_EQ(count(form, sent), 1);
    sent.add_auth_factors(v2::OTP_EMAIL);
    sent.add_states(v2::AUTH_FACTOR_STATE_READY);
    EXPECT_EQ(count(form, sent), 1);
    sent.clear_states();
    sent.add_states(v2::AUTH_FACTOR_STATE_REMOVED);
    EXPECT_EQ(count(form, sent), 0);
    sent.clear_auth_factors();
    sent.add_auth_factors(v2::U2F);
    EXPECT_EQ(count(form, sent), 0);
    sent.set_auth_factors(0, static_cast<v2::AuthFactors>(4));
    sent.set_user_id("u1");
    EXPECT_EQ(call(form, "ListAuthenticationFactors", sent, admin()).message,
              "invalid ListAuthenticationFactorsRequest: value must be one of the defined enum "
              "values");
  }
}

// What is wrong with a body as such is said before the look-ups, and writes nothing.
struct body_case {
  std::string_view type;
  std::string_view fields;
  std::string body;
  std::string_view wanted;  ///< in the body of the answer
};

TEST_F(rpc, malformed_bodies) {
  using namespace std::string_literals;
  const std::string message = "\x0A\x02u1";
  const std::string gzip_field = "grpc-encoding: gzip\r\n";
  const body_case cases[] = {
      {"application/grpc-web", "", "", "grpc-status: 12"},
      {"application/grpc-web", "", "\0\0\0\0"s, "grpc-status: 3"},
      {"application/grpc-web", "", "\0\0\0\0\5\x0A\2u1"s, "grpc-status: 3"},
      {"application/grpc-web", "", "\0\0\1\0\1"s, "grpc-status: 8"},
      {"application/grpc-web", "", "\0\0\1\0\0"s, "grpc-status: 3"},
      {"application/grpc-web", "", enveloped(message) + enveloped(message), "grpc-status: 12"},
      {"application/grpc-web", "", enveloped(message, 2), "grpc-status: 3"},
      {"application/grpc-web", "", enveloped(message, 1), "grpc-status: 3"},
      {"application/grpc-web", "grpc-encoding: gzip\r\n", enveloped(message, 1), "grpc-status: 3"},
      {"application/grpc-web", "grpc-encoding: br\r\n", enveloped(message), "grpc-status: 12"},
      {"application/grpc-web", "grpc-encoding: gzip\r\n",
       enveloped(make_gzip(std::string(65'537, '\0')), 1), "grpc-status: 8"},
      {"application/grpc-web", "", enveloped("\x0A\x05u1"), "malformed protobuf message"},
      {"application/grpc-web", "", enveloped("\x0A\x01\xFF"), "malformed protobuf message"},
      {"application/grpc-web", "", enveloped(""), "UserId: value length must be between 1 and 200"},
      {"application/grpc-web-text", "", "AAAA!", "grpc-status"},
      {"application/proto", "", "\x0A\x05u1", R"({"code":"invalid_argument")"},
      {"application/proto", "content-encoding: br\r\n", message, R"({"code":"unimplemented")"},
      {"application/proto", "content-encoding: gzip\r\n", message, R"({"code":"invalid_argument")"},
      {"application/json", "", "", "UserId: value length must be between 1 and 200"},
      {"application/json", "", " ", R"({"code":"invalid_argument","message":"invalid JSON)"},
      {"application/json", "", "[]", R"({"code":"invalid_argument","message":"invalid JSON)"},
      {"application/json", "", R"({"userId":1})", R"({"code":"invalid_argument")"},
      {"application/json", "", "{\"userId\":\"\xFF\"}", R"({"code":"invalid_argument")"},
  };
  add_user("u1", "org1");
  add_factor("u1");
  admin();
  const std::uint64_t before = last_sequence();
  for (const body_case& one : cases) {
    const auto seen = post("RemoveOTPEmail", one.type, one.body, admin_, one.fields);
    std::string body = seen.body;
    if (one.type == "application/grpc-web-text") {
      body.clear();
      EXPECT_TRUE(decode_base64(seen.body, body));
    }
    EXPECT_THAT(body, HasSubstr(std::string(one.wanted))) << one.type << " " << one.body;
    EXPECT_THAT(body, ::testing::Not(HasSubstr("grpc-status: 0")));
  }
  EXPECT_EQ(last_sequence(), before);
}

TEST_F(rpc, compressed_messages_and_unknown_fields_are_read) {
  const std::string zipped = make_gzip("\x0A\x02u1\x78\x01");  // field 15 is unknown
  for (const bool enveloped_form : {true, false}) {
    add_user(enveloped_form ? "u1" : "u2", "org1");
  }
  add_factor("u1");
  EXPECT_THAT(post("RemoveOTPEmail", "application/grpc-web", enveloped(zipped, 1), admin(),
                   "grpc-encoding: gzip\r\n")
                  .body,
              HasSubstr("grpc-status: 0"));
  add_factor("u1");
  EXPECT_EQ(
      post("RemoveOTPEmail", "application/proto", zipped, admin(), "content-encoding: gzip\r\n")
          .status,
      200U);
  add_factor("u1");
  EXPECT_EQ(
      post("RemoveOTPEmail", "application/json", R"({"user_id":"u1","x":[1]})", admin()).status,
      200U);
}

TEST_F(rpc, base64_may_come_in_padded_pieces) {
  add_user("u1", "org1");
  add_factor("u1");
  std::string text;
  append_base64(text, std::string_view("\0\0\0\0\4", 5), padding::equals);
  append_base64(text, "\x0A\x02u1", padding::equals);
  const auto seen = post("RemoveOTPEmail", "application/grpc-web-text", text, admin());
  EXPECT_EQ(read_web_answer(seen.body, true).code, "0");
}

TEST_F(rpc, refusals_before_any_message) {
  const auto get = ask_http("GET /zitadel.user.v2.UserService/RemoveOTPEmail?message=%7B%7D");
  EXPECT_EQ(get.status, 405U);
  EXPECT_TRUE(get.has("Allow: POST"));
  const auto type = post("RemoveOTPEmail", "text/plain", "{}", admin());
  EXPECT_EQ(type.status, 415U);
  EXPECT_THAT(type.head, HasSubstr("Accept-Post: "));
  EXPECT_EQ(post("RemoveOTPEmail", "application/grpc", "{}", admin()).status, 505U);
  EXPECT_EQ(post("SetPassword", "application/json", "{}", admin()).body,
            R"({"code":5,"message":"Not Found"})");
  EXPECT_EQ(
      read_web_answer(post("SetPassword", "application/grpc-web", "", admin()).body, false).code,
      "12");
}

// Who names another version of Connect would read our answer by its rules.
TEST_F(rpc, connect_is_spoken_in_its_version_1) {
  add_user("u1", "org1");
  add_factor("u1");
  const auto remove = [this](std::string_view type, std::string_view version) {
    return post("RemoveOTPEmail", type, R"({"userId":"u1"})", admin(),
                "Connect-Protocol-Version: " + std::string(version) + "\r\n");
  };
  const std::string token = admin();
  const std::uint64_t before = last_sequence();
  for (const std::string_view other : {"2", "0", "01", "", "1, 1"}) {
    const auto seen = remove("application/json", other);
    EXPECT_EQ(seen.status, 400U) << other;
    EXPECT_THAT(seen.body, HasSubstr("connect-protocol-version")) << other;
  }
  EXPECT_EQ(last_sequence(), before);
  EXPECT_EQ(remove("application/json", "1").status, 200U);
  EXPECT_EQ(remove("application/grpc-web", "2").status, 200U) << "not a field of its";
}

TEST_F(rpc, cors_headers_are_those_of_json) {
  const auto seen = post("RemoveOTPEmail", "application/grpc-web", enveloped("\x0A\x02u1"), admin(),
                         "Origin: https://console.example\r\n");
  EXPECT_TRUE(seen.has("Access-Control-Allow-Origin: https://console.example"));
  EXPECT_TRUE(seen.has(
      "Access-Control-Expose-Headers: ETag, Idempotency-Replayed, X-Request-Id, grpc-status, "
      "grpc-message, grpc-status-details-bin"));
  EXPECT_EQ(read_web_answer(seen.body, false).id, "COMMAND-b312D");
}

TEST_F(rpc, health_needs_no_token_and_follows_readiness) {
  const auto check = [this](std::string_view service) {
    grpc::health::v1::HealthCheckRequest asked;
    asked.set_service(std::string(service));
    return ask_http("POST /grpc.health.v1.Health/Check",
                    request_body(rpc_form::connect_json, asked), {},
                    "Content-Type: application/json\r\n");
  };
  EXPECT_EQ(check("").body, R"({"status":"SERVING"})");
  EXPECT_EQ(check("zitadel.user.v2.UserService").body, R"({"status":"SERVING"})");
  EXPECT_EQ(check("zitadel.user.v3.UserService").body,
            R"({"code":"not_found","message":"unknown service"})");
  state_.advance(readiness::draining);
  EXPECT_EQ(check("").body, R"({"status":"NOT_SERVING"})");
}

}  // namespace
}  // namespace factord::protocol::session_test

#include <gmock/gmock.h>

#include "tests/unit/server/protocol/session_fixture.hpp"

namespace factord::protocol::session_validation_test {
namespace {

using ::testing::HasSubstr;

class validation : public session_fixture {
 protected:
  void SetUp() override { admin(); }

  answer_seen add(std::string_view body, std::string_view fields = "x-zitadel-orgid: org1\r\n") {
    return ask_http("POST /v2/users/human", body, admin_, fields);
  }
  // The message of an error answer.
  static std::string message(const answer_seen& seen) {
    const std::size_t from = seen.body.find("\"message\":\"") + 11;
    return seen.body.substr(from, seen.body.find('"', from) - from);
  }
};

constexpr std::string_view length_text = "value length must be between 1 and 200 runes, inclusive";

TEST_F(validation, ids_have_1_to_200_characters_whatever_their_bytes) {
  std::string id;
  for (int i = 0; i < 200; ++i) id += "%E2%82%AC";
  EXPECT_EQ(ask_http("DELETE /v2/users/" + id + "/otp_email", {}, admin_).status, 404U);
  const auto longer = ask_http("DELETE /v2/users/" + id + "x/otp_email", {}, admin_);
  EXPECT_EQ(longer.status, 400U);
  EXPECT_EQ(longer.body, R"({"code":3,"message":"invalid RemoveOTPEmailRequest.UserId: )" +
                             std::string(length_text) + "\"}");
}

TEST_F(validation, ids_are_utf8_without_nul_and_well_encoded) {
  for (const std::string_view id : {"%ff", "a%00b", "%c0%af", "%ed%a0%80", "%zz", "%4"}) {
    const auto seen = ask_http("DELETE /v2/users/" + std::string(id) + "/otp_email", {}, admin_);
    EXPECT_EQ(seen.status, 400U) << id;
    EXPECT_THAT(seen.body, HasSubstr("\"code\":3,")) << id;
    EXPECT_EQ(ask_http("DELETE /v2/users/" + std::string(id) + "/otp_email").status, 401U)
        << "authentication comes first: " << id;
  }
}

struct body_case {
  std::string_view body;
  unsigned status;
  std::string_view message;  ///< a part of it
};

const body_case body_cases[] = {
    {R"({)", 400, "invalid JSON"},
    {R"([])", 400, "invalid JSON: the body must be an object"},
    {"\xff", 400, "invalid JSON"},
    {R"({})", 400, "invalid AddHumanUserRequest.Profile: value is required"},
    {R"({"profile":{"givenName":"A","familyName":"B"}})", 400,
     "invalid AddHumanUserRequest.Email: value is required"},
    {R"({"profile":{"familyName":"B"},"email":{"email":"a@b.ch"}})", 400,
     "invalid AddHumanUserRequest.Profile: embedded message failed validation | caused by: invalid "
     "SetHumanProfile.GivenName: value length must be between 1 and 200 runes, inclusive"},
    {R"({"profile":{"givenName":"A","familyName":""},"email":{"email":"a@b.ch"}})", 400,
     "invalid SetHumanProfile.FamilyName: value length"},
    {R"({"profile":{"givenName":"A","familyName":"B"},"email":{}})", 400,
     "invalid AddHumanUserRequest.Email: embedded message failed validation | caused by: invalid "
     "SetHumanEmail.Email: value length must be between 1 and 200 runes, inclusive"},
    {R"({"profile":{"givenName":"A","familyName":"B"},"email":{"email":"nobody"}})", 400,
     "(EMAIL-599BI)"},
    {R"({"profile":{"givenName":"A","familyName":"B"},"email":{"email":"a@.b.ch"}})", 400,
     "(EMAIL-599BI)"},
    {R"({"profile":{"givenName":1,"familyName":"B"},"email":{"email":"a@b.ch"}})", 400,
     "invalid JSON: profile.givenName must be a string"},
    {R"({"profile":{"givenName":"A","familyName":"B","gender":9},"email":{"email":"a@b.ch"}})", 400,
     "SetHumanProfile.Gender: value must be one of the defined enum values"},
    {R"({"profile":{"givenName":"A","familyName":"B","gender":"MALE"},"email":{"email":"a@b.ch"}})",
     400, "invalid JSON: profile.gender must be one of GENDER_UNSPECIFIED, GENDER_FEMALE, "},
    {R"({"userId":"","profile":{"givenName":"A","familyName":"B"},"email":{"email":"a@b.ch"}})",
     400, "invalid AddHumanUserRequest.UserId: value length"},
    {R"({"username":"a\u0000","profile":{"givenName":"A","familyName":"B"},"email":{"email":"a@b.ch"}})",
     400, "invalid AddHumanUserRequest.Username: value must be valid UTF-8 without U+0000"},
    {R"({"organization":{"orgDomain":"d"},"profile":{"givenName":"A","familyName":"B"},"email":{"email":"a@b.ch"}})",
     400, "orgDomain is not supported"},
    {R"({"profile":{"givenName":"A","familyName":"B"},"email":{"email":"a@b.ch","sendCode":{}}})",
     501, "sendCode is not supported"},
    {R"({"profile":{"givenName":"A","familyName":"B"},"email":{"email":"a@b.ch","returnCode":{},"isVerified":true}})",
     400, "only one of"},
    {R"({"password":{"password":"x"},"profile":{"givenName":"A","familyName":"B"},"email":{"email":"a@b.ch"}})",
     501, "password is not supported"},
    {R"({"hashed_password":{"hash":"x"},"profile":{"givenName":"A","familyName":"B"},"email":{"email":"a@b.ch"}})",
     501, "hashedPassword is not supported"},
    {R"({"phone":{},"profile":{"givenName":"A","familyName":"B"},"email":{"email":"a@b.ch"}})", 501,
     "phone is not supported"},
    {R"({"metadata":[{"key":"k"}],"profile":{"givenName":"A","familyName":"B"},"email":{"email":"a@b.ch"}})",
     501, "metadata is not supported"},
    {R"({"idpLinks":[{}],"profile":{"givenName":"A","familyName":"B"},"email":{"email":"a@b.ch"}})",
     501, "idpLinks is not supported"},
    {R"({"totpSecret":"s","profile":{"givenName":"A","familyName":"B"},"email":{"email":"a@b.ch"}})",
     501, "totpSecret is not supported"},
};

TEST_F(validation, a_bad_new_user_is_refused_by_name_and_writes_nothing) {
  const std::uint64_t before = last_sequence();
  for (const body_case& one : body_cases) {
    const auto seen = add(one.body);
    EXPECT_EQ(seen.status, one.status) << one.body;
    EXPECT_THAT(message(seen), HasSubstr(one.message)) << one.body;
  }
  EXPECT_EQ(last_sequence(), before);
}

TEST_F(validation, both_spellings_and_unknown_fields_pass) {
  const auto camel = add(R"({"userId":"c","profile":{"givenName":"A","familyName":"B"},)"
                         R"("email":{"email":"c@b.ch","isVerified":true},"other":1,"phone":null})");
  EXPECT_EQ(camel.status, 201U) << camel.body;
  const auto snake = add(R"({"user_id":"s","metadata":[],"organization":{"org_id":"org2"},)"
                         R"("profile":{"given_name":"A","family_name":"B","gender":"GENDER_MALE"},)"
                         R"("email":{"email":"s@b.ch","return_code":{}}})");
  EXPECT_EQ(snake.status, 201U) << snake.body;
  EXPECT_THAT(snake.body, HasSubstr(R"("resourceOwner":"org2")"));
  EXPECT_THAT(snake.body, HasSubstr(R"("emailCode":")"));
}

TEST_F(validation, an_organization_must_come_from_somewhere) {
  const std::string_view body =
      R"({"profile":{"givenName":"A","familyName":"B"},"email":{"email":"a@b.ch"}})";
  EXPECT_EQ(message(add(body, "")), "organization is required");
  EXPECT_EQ(add(body).status, 201U);
}

TEST_F(validation, names_at_the_limit_and_one_past) {
  for (const auto& [size, status] : {std::pair{200, 201U}, std::pair{201, 400U}}) {
    const std::string name(static_cast<std::size_t>(size), 'n');
    const auto seen =
        add(R"({"username":"u)" + std::to_string(size) + R"(","profile":{"givenName":")" + name +
            R"(","familyName":"B"},"email":{"email":"a@b.ch"}})");
    EXPECT_EQ(seen.status, status) << size;
  }
}

TEST_F(validation, other_bodies_are_checked_too) {
  add_user("u1", "org1");
  EXPECT_EQ(ask_http("POST /v2/users/u1/lock", "{", admin_).status, 400U);
  EXPECT_EQ(ask_http("POST /v2/users/u1/lock", "{}", admin_).status, 200U);
  EXPECT_EQ(ask_http("POST /v2/users/u1/unlock", "", admin_).status, 200U);
  EXPECT_EQ(ask_http("POST /v2/users/u1/unlock", R"({"userId":"u2"})", admin_).status, 400U)
      << "the path's id beats the body's: u1 is not locked";
  EXPECT_EQ(message(ask_http("POST /v2/users/u1/email/verify", "{}", admin_)),
            "invalid VerifyEmailRequest.VerificationCode: value length must be between 1 and 20 "
            "runes, inclusive");
}

// Who misspells a filter must not take the whole log for what was asked for.
TEST_F(validation, parameters_that_a_route_of_ours_does_not_know_are_refused) {
  for (const auto& [query, said] : {std::pair{"other=1",
                                              "unknown query parameter: after, limit, user, type, "
                                              "creator, org, from, to and wait are "
                                              "those known here"},
                                    {"users=u1", "unknown query parameter"},
                                    {"User=u1", "unknown query parameter"},
                                    {"limit=1&=x", "unknown query parameter"},
                                    {"other=%zz", "unknown query parameter"},
                                    {"%zz=1", "malformed percent-encoding in the query"},
                                    {"limit=1&limit=1", "limit is given more than once"},
                                    {"user=u1&us%65r=u2", "user is given more than once"},
                                    {"after=1&limit=2&after=1", "after is given more than once"}}) {
    const auto seen = ask_http("GET /v2/events?" + std::string(query), {}, admin_);
    EXPECT_EQ(seen.status, 400U) << query;
    EXPECT_THAT(message(seen), HasSubstr(said)) << query;
  }
  EXPECT_EQ(ask_http("GET /v2/events?other=1").status, 401U) << "authentication comes first";
  EXPECT_EQ(ask_http("GET /v2/users/u1?other=1", {}, admin_).status, 404U) << "ZITADEL's route";
  use_surface(surface::admin);
  constexpr std::string_view good_body =
      R"({"userId":"u1","roles":["IAM_OWNER"],"directory":"/nowhere"})";
  for (const std::string_view line :
       {"GET /admin/v1/stats?x", "GET /admin/v1/tokens?user=u1", "GET /admin/v1/events?x=1",
        "POST /admin/v1/tokens?x", "DELETE /admin/v1/tokens/7?x", "GET /admin/v1/backups/7?x",
        "POST /admin/v1/backups?x"}) {
    const auto seen = ask_http(line, line.starts_with("POST") ? good_body : "");
    EXPECT_EQ(seen.status, 400U) << line;
    EXPECT_THAT(message(seen), HasSubstr("quer")) << line;
  }
  EXPECT_EQ(ask_http("GET /admin/v1/stats?").status, 200U);
}

TEST_F(validation, paths_of_ours_without_an_operation_take_no_query) {
  for (const std::string path : {"/healthz", "/livez", "/debug/healthz", "/readyz", "/debug/ready",
                                 "/openapi.json", "/openapi.yaml"}) {
    for (const std::string query : {"?x=1", "?x", "?=", "?%zz"}) {
      const auto seen = ask_http("GET " + path + query);
      EXPECT_EQ(seen.status, 400U) << path << query;
      EXPECT_EQ(seen.body, R"({"code":3,"message":"this path takes no query parameters"})");
    }
    for (const std::string query : {"", "?", "?&"})
      EXPECT_NE(ask_http("GET " + path + query).status, 400U) << path << query;
    EXPECT_EQ(ask_http("POST " + path + "?x=1").status, 405U) << path;
  }
  EXPECT_EQ(ask_http("GET /nowhere?x=1").status, 404U);
}

TEST_F(validation, filters_of_the_events_query) {
  std::string many;
  for (int i = 0; i < 16; ++i) many += "creator=c" + std::to_string(i) + "&";
  const auto ask = [this](const std::string& query) {
    return ask_http("GET /v2/events?" + query, {}, admin_);
  };
  for (const auto& [query, said] : {
           std::pair{"type=", "type must be that of an event, such as user.locked"},
           {"type=user", "type must be that of an event"},
           {"type=user.locked&type=x", "type must be that of an event"},
           {"type=user.locked,user.removed", "type must be that of an event"},
           {"type=%zz", "malformed percent-encoding in the query"},
           {"creator=",
            "invalid ListEventsRequest.Creator: value length must be between 1 and 200"},
           {"creator=a&creator=%ff",
            "invalid ListEventsRequest.Creator: value must be valid UTF-8"},
           {"org=", "invalid ListEventsRequest.Organization: value length must be between 1"},
           {"from=", "from must be a time as RFC 3339 has it, such as 2026-01-31T12:00:00Z"},
           {"from=2026-01-31", "from must be a time"},
           {"from=2026-01-31T12:00:00+01:00", "from must be a time"},
           {"to=yesterday", "to must be a time"},
           {"to=2026-01-31T12:00:00Z&to=2026-01-31T12:00:00Z", "to is given more than once"},
           {"from=2026-01-31T12:00:00Z&from=2026-01-31T12:00:00Z", "from is given more than once"},
           {"from=2026-01-31T12:00:00Z&to=2026-01-31T12:00:00Z", "from must be before to"},
       }) {
    const auto seen = ask(query);
    EXPECT_EQ(seen.status, 400U) << query;
    EXPECT_THAT(message(seen), HasSubstr(said)) << query;
  }
  EXPECT_EQ(ask(many).status, 200U);
  EXPECT_EQ(message(ask(many + "creator=one+more")), "creator is given more than 16 times");
  for (const std::string query :
       {"type=user.locked&type=user.removed", "t%79pe=user.lock%65d", "creator=a+b&creator=c",
        "org=o&org=p", "from=2026-01-31T12:00:00%2B01:00", "to=2026-01-31T12:00:00.1234567Z",
        "from=2026-01-31T12:00:00Z&to=2026-01-31T12:00:00.000001Z",
        "type=user.locked&creator=a&org=o&user=u&after=1&limit=1&from=2026-01-31T12:00:00Z"}) {
    EXPECT_EQ(ask(query).status, 200U) << query;
  }
}

TEST_F(validation, what_a_client_relies_on_and_we_do_not_have_is_refused) {
  add_user("u1", "org1");
  add_factor("u1");
  const std::uint64_t before = last_sequence();
  for (const std::string name : {"If-Match", "If-None-Match", "If-Modified-Since",
                                 "If-Unmodified-Since", "If-Range", "Range", "Idempotency-Key"}) {
    const std::string said = name + " is not supported: the request was not carried out";
    const std::string sent = name + ": \"7\"\r\n";
    if (name != "If-Match" && name != "Idempotency-Key") {
      const auto seen = ask_http("DELETE /v2/users/u1/otp_email", {}, admin_, sent);
      EXPECT_EQ(seen.status, 400U) << name;
      EXPECT_EQ(message(seen), said);
    }
    if (name != "If-None-Match" && name != "Idempotency-Key") {
      EXPECT_EQ(message(ask_http("GET /v2/users/u1", {}, admin_, sent)), said);
    }
    if (name != "Idempotency-Key") {
      EXPECT_EQ(message(ask_http("GET /v2/events", {}, admin_, sent)), said);
    }
    const auto read = ask_http("GET /v2/users/u1", {}, admin_, name + ":\r\n");
    EXPECT_EQ(read.status, name == "Idempotency-Key" ? 200U : 400U) << name;
    EXPECT_EQ(ask_http("DELETE /v2/users/u1", {}, {}, name + ": x\r\n").status, 401U);
    EXPECT_EQ(ask_http("GET /healthz", {}, {}, name + ": x\r\n").status, 200U);
  }
  EXPECT_EQ(last_sequence(), before);
}

TEST_F(validation, an_idempotency_key_is_visible_ascii) {
  add_user("u1", "org1");
  const std::uint64_t before = last_sequence();
  const std::string longest(255, 'k');
  const auto lock_with = [this](const std::string& key) {
    return ask_http("POST /v2/users/u1/lock", {}, admin_, "Idempotency-Key: " + key + "\r\n");
  };
  for (const std::string& key :
       std::vector<std::string>{"", "\"\"", "a b", "\"a", "\"a\"b", "\"a\\b\"", "\xc3\xa4",
                                longest + "k", "\"" + longest + "k\""}) {
    const auto seen = lock_with(key);
    EXPECT_EQ(seen.status, 400U) << key;
    EXPECT_EQ(message(seen), "Idempotency-Key must be 1 to 255 visible ASCII characters") << key;
  }
  EXPECT_EQ(last_sequence(), before);
  EXPECT_EQ(lock_with(longest).status, 200U);
  EXPECT_EQ(lock_with("\"" + longest + "\"").status, 200U);
  EXPECT_EQ(last_sequence(), before + 1) << "the two are one key";
}

TEST_F(validation, an_organization_that_is_none_is_refused) {
  const std::string rest =
      R"("profile":{"givenName":"A","familyName":"B"},"email":{"email":"a@b.ch"}})";
  for (const std::string_view fields : {"", "x-zitadel-orgid: org1\r\n"}) {
    const auto seen = add(R"({"organization":{"orgId":""},)" + rest, fields);
    EXPECT_EQ(seen.status, 400U);
    EXPECT_EQ(message(seen),
              "invalid AddHumanUserRequest.Organization.OrgId: " + std::string(length_text));
  }
  const std::string longest(200, 'o');
  for (const std::string& org : {std::string(), longest + "o", std::string("\xff")}) {
    const std::string field = "x-zitadel-orgid: " + org + "\r\n";
    for (const std::string& own :
         {std::string("{"), std::string(R"({"organization":{"orgId":"o"},)")}) {
      const auto seen = add(own + rest, field);
      EXPECT_EQ(seen.status, 400U);
      EXPECT_EQ(message(seen), "x-zitadel-orgid must be 1 to 200 characters of UTF-8");
    }
  }
  EXPECT_EQ(add("{" + rest, "x-zitadel-orgid: " + longest + "\r\n").status, 201U);
  EXPECT_EQ(add(R"({"organization":{},"username":"n",)" + rest).status, 201U);
}

TEST_F(validation, two_lines_of_what_must_be_one_are_refused_and_the_connection_goes_on) {
  const std::uint64_t before = last_sequence();
  const auto seen =
      exchange("POST /v2/users/human HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + admin_ +
               "\r\nx-zitadel-orgid: acme\r\nx-zitadel-orgid: evil\r\nContent-Length: 2\r\n\r\n{}"
               "GET /healthz HTTP/1.1\r\nHost: h\r\nAuthorization: a\r\nAuthorization: a\r\n\r\n"
               "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[0].body, R"({"code":3,"message":"more than one x-zitadel-orgid"})");
  EXPECT_EQ(seen[1].body, R"({"code":3,"message":"more than one Authorization"})");
  EXPECT_EQ(seen[2].body, "ok");
  EXPECT_EQ(last_sequence(), before);
}

TEST_F(validation, numbers_of_the_events_query_have_bounds) {
  for (const std::string_view query : {"limit=0",      "limit=1001", "limit=",
                                       "limit=x",      "limit=-1",   "limit=1.5",
                                       "limit=%31%zz", "after=-1",   "after=18446744073709551616",
                                       "after=",       "user=",      "user=%ff",
                                       "wait=",        "wait=s",     "wait=1",
                                       "wait=61s",     "wait=-1s",   "wait=1.5s",
                                       "wait=1m",      "wait=500ms", "wait=1s&wait=1s",
                                       "wait=%zz"}) {
    const auto seen = ask_http("GET /v2/events?" + std::string(query), {}, admin_);
    EXPECT_EQ(seen.status, 400U) << query;
  }
  for (const std::string_view query :
       {"limit=1", "limit=1000", "after=0", "after=18446744073709551615", "", "&limit=1&",
        "wait=0s", "user=u1", "wait=60s", "wait=%31s"}) {
    EXPECT_EQ(ask_http("GET /v2/events?" + std::string(query), {}, admin_).status, 200U) << query;
  }
}

}  // namespace
}  // namespace factord::protocol::session_validation_test

// Entity tags over the wire: given with answers, and taken as conditions of requests.
#include <gmock/gmock.h>

#include "server/service/entity_tags.hpp"
#include "tests/unit/server/protocol/session_fixture.hpp"

namespace factord::protocol::session_conditions_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view remove_u1 = "DELETE /v2/users/u1/otp_email";
constexpr std::string_view get_u1 = "GET /v2/users/u1";
constexpr std::string_view search_u1 = "POST /v2/users/u1/authentication_factors/_search";

class conditions : public session_fixture {
 protected:
  // u1's last event is 3.
  void SetUp() override {
    add_user("u1", "org1");
    add_factor("u1");
    admin();
  }

  answer_seen ask_if(std::string_view line, std::string_view field) {
    return ask_http(line, {}, admin_, std::string(field) + "\r\n");
  }
};

TEST_F(conditions, answers_about_a_user_have_its_tag) {
  for (const std::string_view line :
       {get_u1, std::string_view("GET /v2/users/u1/authentication_methods"), search_u1}) {
    EXPECT_TRUE(ask_http(line, {}, admin_).has("ETag: \"3\"")) << line;
  }
  EXPECT_TRUE(ask_http("POST /v2/users/u1/lock", {}, admin_).has("ETag: \"5\""));
  EXPECT_TRUE(ask_http(get_u1, {}, admin_).has("ETag: \"5\""));
  const auto added = ask_http(
      "POST /v2/users/human",
      R"({"userId":"u2","profile":{"givenName":"A","familyName":"B"},"email":{"email":"a@b.ch",)"
      R"("isVerified":true}})",
      admin_, "x-zitadel-orgid: org1\r\n");
  EXPECT_EQ(added.status, 201U);
  EXPECT_TRUE(added.has("ETag: \"7\"")) << "of the last of its events";
}

TEST_F(conditions, other_answers_have_none) {
  for (const std::string_view line :
       {"GET /v2/users/nobody", "GET /v2/users/nobody/authentication_methods", "GET /v2/events",
        "GET /healthz", "POST /v2/users/u1/unlock", "POST /v2/users/u1/email/verify"}) {
    EXPECT_THAT(ask_http(line, {}, admin_).head, Not(HasSubstr("ETag"))) << line;
  }
  use_surface(surface::admin);
  const auto token = ask_http("POST /admin/v1/tokens", R"({"userId":"u1","roles":["IAM_OWNER"]})");
  EXPECT_EQ(token.status, 201U);
  EXPECT_THAT(token.head, Not(HasSubstr("ETag")));
}

TEST_F(conditions, a_read_that_has_nothing_new_is_304_without_a_body) {
  for (const std::string_view line :
       {get_u1, std::string_view("GET /v2/users/u1/authentication_methods"), search_u1}) {
    for (const std::string_view known :
         {R"("3")", R"(W/"3")", R"("1", "3")", "*", "\"1\"\r\nIf-None-Match: \"3\""}) {
      const auto seen = ask_if(line, "If-None-Match: " + std::string(known));
      EXPECT_EQ(seen.status, 304U) << line << known;
      EXPECT_TRUE(seen.has("ETag: \"3\"")) << line << known;
      EXPECT_TRUE(seen.has("Cache-Control: no-store"));
      EXPECT_THAT(seen.head, Not(HasSubstr("\r\nContent-"))) << line << known;
    }
    for (const std::string_view known : {R"("2")", R"("03")", R"("x")", R"("4", W/"5")"}) {
      const auto seen = ask_if(line, "If-None-Match: " + std::string(known));
      EXPECT_EQ(seen.status, 200U) << line << known;
      EXPECT_NE(seen.body, "") << line << known;
    }
  }
  EXPECT_EQ(ask_if("HEAD /v2/users/u1", "If-None-Match: \"3\"").status, 304U);
  EXPECT_EQ(ask_if("GET /v2/users/nobody", "If-None-Match: *").status, 404U);
  EXPECT_EQ(ask_if("GET /v2/users/nobody/authentication_methods", "If-None-Match: *").status, 200U);
  EXPECT_EQ(ask_http(get_u1, {}, {}, "If-None-Match: *\r\n").status, 401U);
}

TEST_F(conditions, a_write_whose_condition_does_not_hold_is_412_and_changes_nothing) {
  const std::uint64_t before = last_sequence();
  for (const std::string_view tags : {R"("2")", R"(W/"3")", R"("x")", R"("03")", R"("4", W/"3")"}) {
    const auto seen = ask_if(remove_u1, "If-Match: " + std::string(tags));
    EXPECT_EQ(seen.status, 412U) << tags;
    EXPECT_THAT(seen.body, HasSubstr(R"({"code":9,)")) << tags;
    EXPECT_THAT(seen.body, HasSubstr(R"("id":"FACTORD-Match")")) << tags;
    EXPECT_THAT(seen.head, Not(HasSubstr("ETag"))) << tags;
  }
  EXPECT_EQ(last_sequence(), before);
  const auto done = ask_if(remove_u1, "If-Match: \"2\"\r\nIf-Match: W/\"9\", \"3\"");
  EXPECT_EQ(done.status, 200U) << "lines are one list";
  EXPECT_TRUE(done.has("ETag: \"5\""));
  EXPECT_EQ(ask_if("POST /v2/users/u1/otp_email", "If-Match: *").status, 200U);
}

TEST_F(conditions, lists_of_tags_are_well_formed_and_not_too_long) {
  for (const std::string_view line : {get_u1, remove_u1}) {
    const std::string name = line == get_u1 ? "If-None-Match" : "If-Match";
    for (const std::string_view list : {"", "3", "*, \"3\"", "\"3\" \"4\"", "\"3", "w/\"3\""}) {
      const auto seen = ask_if(line, name + ": " + std::string(list));
      EXPECT_EQ(seen.body,
                R"({"code":3,"message":")" + name + R"( is neither * nor a list of entity tags"})")
          << list;
    }
    std::string longest = "\"3\"";
    for (std::size_t i = 1; i < service::entity_tags::most; ++i) longest += ",\"x\"";
    const auto longer = ask_if(line, name + ": " + longest + ",\"x\"");
    EXPECT_EQ(longer.body,
              R"({"code":3,"message":")" + name + R"( has more than 32 entity tags"})");
    EXPECT_EQ(ask_if(line, name + ": " + longest).status, line == get_u1 ? 304U : 200U);
  }
}

TEST_F(conditions, what_has_no_meaning_there_is_refused) {
  for (const auto& [line, name] :
       {std::pair{remove_u1, "If-None-Match"},
        {get_u1, "If-Match"},
        {search_u1, "If-Match"},
        {std::string_view("GET /v2/events?user=u1"), "If-Match"},
        {std::string_view("GET /v2/events?user=u1"), "If-None-Match"},
        {std::string_view("POST /zitadel.user.v2.UserService/GetUserByID"), "If-None-Match"}}) {
    const auto seen = ask_if(line, std::string(name) + ": *\r\nContent-Type: application/json");
    EXPECT_EQ(seen.status, 400U) << line;
    EXPECT_THAT(seen.body,
                HasSubstr(std::string(name) + " is not supported: the request was not carried out"))
        << line;
  }
}

}  // namespace
}  // namespace factord::protocol::session_conditions_test

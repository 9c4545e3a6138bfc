// Users in bulk over a session: what each line is answered, and what it leaves.

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include "server/protocol/messages/bulk_addition.hpp"
#include "server/protocol/proto/factord/v1/user_service.pb.h"
#include "server/protocol/proto/zitadel/user/v2/user_service.pb.h"
#include "tests/unit/server/protocol/bulk_fixture.hpp"

namespace factord::protocol::bulk_additions_test {
namespace {

using namespace bulk_testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view factor = R"(,"otpEmail":true)";

/// A line for a user of acme, whose email is verified; `more` stands behind what it needs.
std::string line_for(std::string_view id, std::string_view more = {},
                     std::string_view email = R"("isVerified":true)") {
  std::string text = "{";
  if (!id.empty()) text.append(R"("userId":")").append(id).append("\",");
  text.append(R"("username":"name of )").append(id).append("\",");
  text.append(R"("profile":{"givenName":"G","familyName":"F"},"email":{"email":"a@b.ch")");
  if (!email.empty()) text.append(",").append(email);
  text.append(R"(},"organization":{"orgId":"acme"})").append(more);
  return text + "}\n";
}

std::string made(std::uint64_t line, std::string_view id, std::uint64_t sequence) {
  return "{\"line\":" + std::to_string(line) + R"(,"userId":")" + std::string(id) +
         R"(","status":201,"sequence":")" + std::to_string(sequence) + "\"}";
}

std::string refused_at(std::uint64_t line, unsigned status, int code, std::string_view id = {}) {
  std::string text = "{\"line\":" + std::to_string(line);
  if (!id.empty()) text.append(R"(,"userId":")").append(id).append("\"");
  return text + ",\"status\":" + std::to_string(status) +
         ",\"error\":{\"code\":" + std::to_string(code) + ",";
}

class bulk_additions : public bulk_fixture {
 protected:
  bulk_additions() { path_ = addition_path; }

  bool has_factor(std::string_view id) {
    return ask(service::operation::list_factors, admin(), id).otp_email;
  }
  bool is_user(std::string_view id) {
    return ask(service::operation::get_user, admin(), id).code == service::status_code::ok;
  }
  std::vector<std::string> names_since() {
    auto names = event_names();
    names.erase(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(before_));
    return names;
  }
};

TEST_F(bulk_additions, each_line_is_an_addition_of_its_own) {
  const lines found = whole(line_for("n1") + line_for("n2") + line_for("n1", R"(,"username":"m")") +
                            line_for("u1") + "\n" + line_for("n3"));
  ASSERT_EQ(found.size(), 5U);
  EXPECT_EQ(found[0], made(1, "n1", before_ + 2));
  EXPECT_EQ(found[1], made(2, "n2", before_ + 4));
  EXPECT_THAT(found[2], StartsWith(refused_at(3, 400, 3))) << "a name comes twice";
  EXPECT_THAT(found[3], StartsWith(refused_at(4, 400, 9, "u1")));
  EXPECT_THAT(found[3], HasSubstr(R"("id":"COMMAND-7yiox1isql")"));
  EXPECT_EQ(found[4], made(6, "n3", before_ + 6));
  EXPECT_EQ(last_sequence(), before_ + 6);
  EXPECT_FALSE(has_factor("n1"));
}

TEST_F(bulk_additions, whom_it_gives_an_id_is_told_beside_the_line) {
  const lines found = whole(line_for("") + line_for(""));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_THAT(found[0], StartsWith(R"({"line":1,"userId":")"));
  EXPECT_THAT(found[1], StartsWith(refused_at(2, 409, 6)));
  EXPECT_THAT(found[1], HasSubstr(R"("id":"V3-DKcYh")"));
  const std::string id = found[0].substr(20, 18);
  EXPECT_EQ(found[0], made(1, id, before_ + 2));
  EXPECT_TRUE(is_user(id));
}

TEST_F(bulk_additions, with_the_factor_from_the_beginning_on) {
  EXPECT_THAT(whole(line_for("n1", factor) + line_for("n2", R"(,"otpEmail":false)") +
                    line_for("n3", R"(,"otp_email":true)")),
              ElementsAre(made(1, "n1", before_ + 3), made(2, "n2", before_ + 5),
                          made(3, "n3", before_ + 8)));
  EXPECT_THAT(
      names_since(),
      ElementsAre("user.human.added", "user.human.email.verified", "user.human.mfa.otp.email.added",
                  "user.human.added", "user.human.email.verified", "user.human.added",
                  "user.human.email.verified", "user.human.mfa.otp.email.added"));
  EXPECT_TRUE(has_factor("n1"));
  EXPECT_FALSE(has_factor("n2"));
  EXPECT_TRUE(has_factor("n3"));
  // The factor can be removed like any other.
  EXPECT_EQ(ask(service::operation::remove_otp_email, admin(), "n1").code,
            service::status_code::ok);
}

TEST_F(bulk_additions, the_factor_needs_a_verified_email_and_else_nothing_is_done) {
  const lines found =
      whole(line_for("n1", factor, "") + line_for("n2", factor, R"("isVerified":false)") +
            line_for("n3", factor, R"("returnCode":{})") + line_for("n4", factor));
  ASSERT_EQ(found.size(), 4U);
  for (std::uint64_t i = 0; i < 3; ++i) {
    EXPECT_EQ(found[i], refused_at(i + 1, 400, 3, "n" + std::to_string(i + 1)) +
                            R"("message":"otpEmail needs an email that is verified: say )"
                            R"(email.isVerified"}})");
  }
  EXPECT_EQ(found[3], made(4, "n4", before_ + 3));
  EXPECT_FALSE(is_user("n1"));
  EXPECT_EQ(last_sequence(), before_ + 3);
}

TEST_F(bulk_additions, a_code_is_answered_as_in_the_single_call) {
  const std::string all = line_for("n1", {}, R"("returnCode":{})");
  const lines found = whole(all, "Idempotency-Key: k\r\n");
  ASSERT_EQ(found.size(), 1U);
  const std::string start = made(1, "n1", before_ + 2);
  EXPECT_THAT(found[0], StartsWith(start.substr(0, start.size() - 1) + R"(,"emailCode":")"));
  // It is not kept, so that is left out.
  EXPECT_THAT(whole(all, "Idempotency-Key: k\r\n"),
              ElementsAre(start.substr(0, start.size() - 1) + R"(,"replayed":true})"));
  const std::string code = found[0].substr(start.size() + 13, 8);
  EXPECT_EQ(
      ask_http("POST /v2/users/n1/email/verify", R"({"verificationCode":")" + code + "\"}", by_)
          .status,
      200U)
      << code;
}

TEST_F(bulk_additions, a_key_makes_it_safe_to_send_again) {
  const std::string all = line_for("", factor) + "\n" + line_for("n2", factor) + line_for("n3");
  const lines first = whole(all, "Idempotency-Key: k\r\n");
  ASSERT_EQ(first.size(), 3U);
  EXPECT_EQ(last_sequence(), before_ + 8);
  const auto replayed = [](std::string line) {
    return line.replace(line.size() - 1, 1, R"(,"replayed":true})");
  };
  EXPECT_THAT(whole(all + line_for("n4"), "Idempotency-Key: k\r\n"),
              ElementsAre(replayed(first[0]), replayed(first[1]), replayed(first[2]),
                          made(5, "n4", before_ + 10)));
  // A line's key is that of a single call.
  const answer_seen single =
      ask_http("POST /v2/users/human", line_for("n3"), by_, "Idempotency-Key: k:4\r\n");
  EXPECT_EQ(single.status, 201U);
  EXPECT_TRUE(single.has("Idempotency-Replayed: true"));
  // With the factor, or without it, is not the same request.
  EXPECT_THAT(whole("\n\n" + line_for("n2") + line_for("n3", factor), "Idempotency-Key: k\r\n"),
              ElementsAre(StartsWith(refused_at(3, 422, 9, "n2")),
                          StartsWith(refused_at(4, 422, 9, "n3"))));
  EXPECT_EQ(last_sequence(), before_ + 10);
}

TEST_F(bulk_additions, a_dry_run_does_nothing) {
  const std::string all = line_for("n1", factor) + line_for("u1") + line_for("") + "{}\n";
  for (int i = 0; i < 2; ++i) {
    const lines found = whole(all, {}, "?dryRun=true");
    ASSERT_EQ(found.size(), 4U);
    EXPECT_EQ(found[0], R"({"line":1,"userId":"n1","status":201})");
    EXPECT_THAT(found[1], StartsWith(refused_at(2, 400, 9, "u1")));
    EXPECT_EQ(found[2], R"({"line":3,"status":201})") << "an id that was drawn is none";
    EXPECT_THAT(found[3], StartsWith(refused_at(4, 400, 3)));
  }
  EXPECT_THAT(whole(line_for("n1", R"(,"dryRun":true)") + line_for("n2", R"(,"dryRun":false)")),
              ElementsAre(R"({"line":1,"userId":"n1","status":201})", made(2, "n2", before_ + 2)));
  EXPECT_EQ(last_sequence(), before_ + 2);
}

TEST_F(bulk_additions, permission_is_of_each_line_and_the_factor_takes_its_own) {
  const std::string of_acme = token("clerk", {service::role::org_user_manager}, "acme");
  const std::string of_owner = token("owner", {service::role::org_owner}, "acme");
  const std::string of_u2 = token("u2", {});
  before_ = last_sequence();
  std::string elsewhere = line_for("n1");
  elsewhere.replace(elsewhere.find("acme"), 4, "else");
  by_ = of_acme;
  const lines found = whole(elsewhere + line_for("n2", factor) + line_for("n2"));
  ASSERT_EQ(found.size(), 3U);
  EXPECT_THAT(found[0], StartsWith(refused_at(1, 403, 7, "n1")));
  EXPECT_THAT(found[0], HasSubstr(R"("id":"AUTH-5mWD2")"));
  EXPECT_THAT(found[1], StartsWith(refused_at(2, 403, 7, "n2")));
  EXPECT_THAT(found[1], HasSubstr(R"("id":"AUTH-AWfge")"));
  EXPECT_EQ(found[2], made(3, "n2", before_ + 2));
  by_ = of_u2;
  EXPECT_THAT(whole(line_for("n3")), ElementsAre(HasSubstr(R"("id":"AUTH-5mWD2")")));
  by_ = of_owner;
  EXPECT_THAT(whole(line_for("n3", factor)), ElementsAre(made(1, "n3", before_ + 5)));
}

TEST_F(bulk_additions, who_may_not_do_it_any_more_is_not_told_what_was_done) {
  const std::string strong = token("clerk", {service::role::org_owner}, "acme");
  const std::string weak = token("clerk", {service::role::org_user_manager}, "acme");
  by_ = strong;
  const lines first = whole(line_for("n1", factor), "Idempotency-Key: k\r\n");
  ASSERT_THAT(first, ElementsAre(HasSubstr(R"("status":201)")));
  by_ = weak;
  EXPECT_THAT(whole(line_for("n1", factor), "Idempotency-Key: k\r\n"),
              ElementsAre(HasSubstr(R"("id":"AUTH-AWfge")")));
}

TEST_F(bulk_additions, the_organization_of_lines_that_name_none_is_that_of_the_field) {
  std::string bare = line_for("n1");
  constexpr std::string_view organization = R"(,"organization":{"orgId":"acme"})";
  bare.erase(bare.find(organization), organization.size());
  EXPECT_THAT(whole(bare), ElementsAre(HasSubstr("organization is required")));
  EXPECT_THAT(whole(bare + line_for("n2"), "x-zitadel-orgid: other\r\n"),
              ElementsAre(made(1, "n1", before_ + 2), made(2, "n2", before_ + 4)));
  EXPECT_EQ(ask(service::operation::get_user, admin(), "n1").details.resource_owner, "other");
  EXPECT_EQ(ask(service::operation::get_user, admin(), "n2").details.resource_owner, "acme");
  const std::string bad = "x-zitadel-orgid: " + std::string(201, 'o') + "\r\n";
  EXPECT_THAT(refused(head(bad + "Content-Length: 0\r\n\r\n")), StartsWith("HTTP/1.1 400 "));
}

TEST_F(bulk_additions, what_cannot_be_done_is_answered_in_its_turn_and_the_rest_goes_on) {
  const lines found =
      whole(line_for("n1") + "{\n" + "{}\n" + line_for("n2", R"(,"password":{})") +
            line_for("n3", {}, R"("sendCode":{})") + line_for("n4", R"(,"otpEmail":"yes")") +
            line_for("n5", R"(,"nickName":1,"password_":2)"));
  ASSERT_EQ(found.size(), 7U);
  EXPECT_EQ(found[0], made(1, "n1", before_ + 2));
  EXPECT_THAT(found[1], StartsWith(refused_at(2, 400, 3)));
  EXPECT_THAT(found[2], HasSubstr("invalid AddHumanUserRequest.Profile: value is required"));
  EXPECT_THAT(found[3], StartsWith(refused_at(4, 501, 12, "n2")));
  EXPECT_THAT(found[3], HasSubstr("password is not supported: it would not be kept"));
  EXPECT_THAT(found[4], StartsWith(refused_at(5, 501, 12, "n3")));
  EXPECT_THAT(found[5], StartsWith(refused_at(6, 400, 3)));
  EXPECT_THAT(found[5], HasSubstr("otpEmail"));
  EXPECT_EQ(found[6], made(7, "n5", before_ + 4)) << "names that no field has are passed over";
}

TEST_F(bulk_additions, a_line_may_have_32_kib_and_no_more) {
  std::string padded = line_for("n1");
  padded.insert(1, addition_line_bytes - (padded.size() - 1), ' ');
  EXPECT_THAT(whole(padded), ElementsAre(made(1, "n1", before_ + 2)));
  padded.insert(1, " ");
  ended_ = false;
  begin();
  send(line_for("n2") + padded + line_for("n3"));
  EXPECT_THAT(take(), ElementsAre(made(1, "n2", before_ + 4),
                                  R"({"line":2,"status":400,"error":{"code":3,"message":"the line )"
                                  R"(is longer than 32768 bytes"}})"));
  EXPECT_TRUE(ended_);
  EXPECT_TRUE(session_->finished()) << "nobody reads on";
  EXPECT_EQ(last_sequence(), before_ + 4);
}

// However it is escaped.
TEST_F(bulk_additions, the_longest_user_fits_a_line) {
  std::string longest;
  for (int i = 0; i < 200; ++i) longest += R"(\ud83e\udd92)";
  std::string ascii;
  for (int i = 0; i < 200 - 5; ++i) ascii += R"(\u0061)";
  const std::string text =
      R"({"userId":")" + longest + R"(","username":")" + longest + R"(","profile":{"givenName":")" +
      longest + R"(","familyName":")" + longest + R"(","nickName":")" + longest +
      R"(","displayName":")" + longest + R"(","preferredLanguage":")" + longest +
      R"(","gender":"GENDER_DIVERSE"},"email":{"email":")" + ascii +
      R"(@b.ch","isVerified":true},"organization":{"orgId":")" + longest + R"("},"otpEmail":true})";
  EXPECT_LT(text.size(), addition_line_bytes);
  EXPECT_GT(text.size(), 20'000U);
  EXPECT_THAT(whole(text + "\n"), ElementsAre(HasSubstr(R"("status":201)")));
  std::string longer = text;
  longer.replace(longer.find(R"("userId":")"), 10, R"("userId":"x)");
  EXPECT_THAT(whole(longer + "\n"), ElementsAre(HasSubstr(R"("status":400)")));
}

TEST_F(bulk_additions, no_line_is_longer_than_a_body_may_be) {
  bounds_.body_bytes = 1'000;
  use_surface(surface::api);
  std::string padded = line_for("n1");
  padded.insert(1, 1'000 - (padded.size() - 1), ' ');
  EXPECT_THAT(whole(padded), ElementsAre(made(1, "n1", before_ + 2)));
  padded.insert(1, " ");
  ended_ = false;
  begin();
  send(padded);
  EXPECT_THAT(take(), ElementsAre(HasSubstr("the line is longer than 1000 bytes")));
}

TEST_F(bulk_additions, what_is_refused_as_a_whole) {
  struct row {
    std::string name;
    std::string bytes;
    std::string status;
  };
  const std::string body = "Content-Length: 2\r\n\r\n{}";
  const std::string good = head(body);
  const auto instead = [&good](std::string_view part, std::string_view by) {
    std::string bytes = good;
    return bytes.replace(bytes.find(part), part.size(), by);
  };
  const std::vector<row> rows = {
      {"a bad token", instead(by_, "nonsense"), "401"},
      {"another type", instead("x-ndjson", "json"), "415"},
      {"a coding", head("Content-Encoding: gzip\r\n" + body), "415"},
      {"a condition", head("If-Match: *\r\n" + body), "400"},
      {"a parameter", head(body, "?otpEmail=true"), "400"},
      {"a value", head(body, "?dryRun=yes"), "400"},
      {"a key", head("Idempotency-Key: " + std::string(235, 'k') + "\r\n" + body), "400"},
      {"HTTP/1.0", instead("HTTP/1.1", "HTTP/1.0"), "501"},
      {"a verb", instead("POST", "PUT"), "405"},
  };
  for (const row& one : rows) {
    use_surface(surface::api);
    EXPECT_THAT(refused(one.bytes), HasSubstr("HTTP/1.1 " + one.status + " ")) << one.name;
  }
  EXPECT_EQ(last_sequence(), before_);
}

TEST_F(bulk_additions, the_admin_socket_has_it_too) {
  use_surface(surface::admin);
  path_ = "/admin/v1/users/human/_bulk_add";
  by_ = "nobody";
  EXPECT_THAT(whole(line_for("n1", factor)), ElementsAre(made(1, "n1", before_ + 3)));
  EXPECT_EQ(refused(head("x-zitadel-orgid: \xFF\r\nContent-Length: 0\r\n\r\n")).substr(0, 12),
            "HTTP/1.1 400");
}

// ZITADEL's fields stand in two messages: that of the single call is ZITADEL's alone.
TEST(bulk_addition_message, has_the_fields_of_the_single_call_and_two_more) {
  const auto& single = *zitadel::user::v2::AddHumanUserRequest::descriptor();
  const auto& line = *factord::v1::BulkAddHumanUserRequest::descriptor();
  EXPECT_EQ(line.field_count(), single.field_count() + 2);
  for (int i = 0; i < single.field_count(); ++i) {
    google::protobuf::FieldDescriptorProto one;
    google::protobuf::FieldDescriptorProto other;
    single.field(i)->CopyTo(&one);
    const auto* field = line.FindFieldByNumber(single.field(i)->number());
    ASSERT_NE(field, nullptr) << one.name();
    field->CopyTo(&other);
    // Which of its message's oneofs it is in is a matter of order.
    EXPECT_EQ(one.has_oneof_index(), other.has_oneof_index()) << one.name();
    one.clear_oneof_index();
    other.clear_oneof_index();
    EXPECT_EQ(one.SerializeAsString(), other.SerializeAsString()) << one.name();
  }
}

}  // namespace
}  // namespace factord::protocol::bulk_additions_test

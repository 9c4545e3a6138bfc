// factord.v1.FactorService/BulkRemoveOTPEmail, factord.v1.UserService/BulkAddHumanUser: bulks as
// streams of messages.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/protocol/messages/bulk_addition.hpp"
#include "server/protocol/proto/factord/v1/factor_service.pb.h"
#include "server/protocol/proto/factord/v1/user_service.pb.h"
#include "tests/unit/server/protocol/bulk_fixture.hpp"
#include "tests/unit/server/protocol/rpc/client.hpp"

namespace factord::protocol::rpc_bulk_test {
namespace {

using namespace std::string_view_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::http2_client;
using ::testing::IsEmpty;

std::string message_of(std::string_view user) {
  factord::v1::BulkRemoveOTPEmailRequest asked;
  asked.set_user_id(std::string(user));
  return enveloped(asked.SerializeAsString());
}

class rpc_bulk : public bulk_testing::bulk_fixture {
 protected:
  void begin(const std::string& form = "application/grpc", const testing::field_list& more = {}) {
    testing::field_list fields = {{"authorization", "Bearer " + by_}, {"content-type", form}};
    fields.insert(fields.end(), more.begin(), more.end());
    made_ = calls_.in_use();
    id_ = client_.request("POST", rpc_, {}, fields, true);
    talk(client_);
  }
  void send(const std::string& bytes, bool last = false) {
    client_.send(id_, bytes, last);
    talk(client_);
  }

  /// Users and sequences, or codes, of the messages so far.
  template <class Response = factord::v1::BulkRemoveOTPEmailResponse>
  std::vector<std::string> seen() {
    std::vector<std::string> found;
    std::string_view rest = client_.answer(id_).body;
    while (const auto one = take_envelope(rest)) {
      Response said;
      EXPECT_TRUE(said.ParseFromString(std::string(one->payload)));
      found.push_back(said.user_id() + (said.has_error() ? " error " : " ") +
                      std::to_string(said.has_error()
                                         ? static_cast<std::uint64_t>(said.error().code())
                                         : said.sequence()));
    }
    return found;
  }
  std::string status() {
    const testing::http2_answer& told = client_.answer(id_);
    return told.trailers.empty() ? told.value("grpc-status") : told.trailers.front().second;
  }
  std::string at(std::uint64_t behind) const { return std::to_string(before_ + behind); }

  std::string rpc_ = "/factord.v1.FactorService/BulkRemoveOTPEmail";
  http2_client client_;
  std::int32_t id_ = 0;
};

TEST_F(rpc_bulk, each_message_is_answered_as_it_comes) {
  begin();
  EXPECT_EQ(client_.answer(id_).status(), "200");
  send(message_of("u1") + message_of("nobody").substr(0, 6));
  EXPECT_THAT(seen(), ElementsAre("u1 " + at(1)));
  send(message_of("nobody").substr(6) + message_of("u2"));
  EXPECT_THAT(seen(), ElementsAre("u1 " + at(1), "nobody error 5", "u2 " + at(2)));
  EXPECT_FALSE(client_.answer(id_).ended);
  send("", true);
  EXPECT_EQ(status(), "0");
  EXPECT_EQ(calls_.in_use(), made_);
}

TEST_F(rpc_bulk, without_a_message_it_ends_well) {
  begin();
  send("", true);
  EXPECT_THAT(seen(), IsEmpty());
  EXPECT_EQ(status(), "0");
}

TEST_F(rpc_bulk, a_malformed_message_is_answered_and_the_rest_goes_on) {
  begin();
  send(enveloped("\x0A\x05u1") + message_of("") + message_of("u1"), true);
  EXPECT_THAT(seen(), ElementsAre(" error 3", " error 3", "u1 " + at(1)));
  EXPECT_EQ(status(), "0");
}

TEST_F(rpc_bulk, a_message_that_is_too_long_ends_it_at_its_head) {
  begin();
  send(message_of("u1") + std::string("\0\0\0\x10\x01"sv));
  EXPECT_THAT(seen(), ElementsAre("u1 " + at(1)));
  EXPECT_EQ(status(), "8");
}

TEST_F(rpc_bulk, a_message_that_is_cut_short_is_none) {
  begin();
  send(message_of("u1") + message_of("u2").substr(0, 7), true);
  EXPECT_THAT(seen(), ElementsAre("u1 " + at(1)));
  EXPECT_EQ(status(), "3");
  EXPECT_EQ(last_sequence(), before_ + 1);
}

TEST_F(rpc_bulk, a_drain_is_unavailable) {
  begin();
  send(message_of("u1"));
  session_->drain();
  talk(client_);
  EXPECT_THAT(seen(), ElementsAre("u1 " + at(1)));
  EXPECT_EQ(status(), "14");
}

TEST_F(rpc_bulk, a_deadline_ends_it_where_it_passes) {
  begin("application/grpc", {{"grpc-timeout", "1S"}});
  send(message_of("u1"));
  steady_now_ += std::chrono::seconds(1);
  send(message_of("u2"));
  EXPECT_THAT(seen(), ElementsAre("u1 " + at(1), "u2 error 4"));
  EXPECT_EQ(status(), "4");
}

TEST_F(rpc_bulk, what_is_refused_as_a_whole) {
  struct row {
    std::string form;
    testing::field_list fields;
    std::string_view status;
  };
  const std::vector<row> rows = {
      {"application/grpc", {{"grpc-encoding", "br"}}, "12"},
      {"application/grpc", {{"grpc-timeout", "soon"}}, "3"},
      {"application/grpc", {{"if-match", "*"}}, "3"},
      {"application/grpc", {{"idempotency-key", std::string(235, 'k')}}, "3"},
  };
  for (const row& one : rows) {
    begin(one.form, one.fields);
    EXPECT_EQ(status(), one.status);
    EXPECT_TRUE(client_.answer(id_).ended);
  }
  by_ = "nonsense";
  begin();
  EXPECT_EQ(status(), "16");
  EXPECT_EQ(last_sequence(), before_);
}

TEST_F(rpc_bulk, the_other_forms) {
  begin("application/grpc-web+proto");
  send(message_of("u1"), true);
  EXPECT_THAT(client_.answer(id_).body, HasSubstr("grpc-status: 0\r\n"));
  begin("application/connect+json");
  send(enveloped(R"({"userId":"u2"})"), true);
  EXPECT_THAT(client_.answer(id_).body, HasSubstr(R"({"userId":"u2","sequence":")"));
  begin("application/grpc-web-text");
  EXPECT_THAT(read_web_answer(client_.answer(id_).body, true).code, "12");
  begin("application/json");
  EXPECT_EQ(client_.answer(id_).status(), "415");
  EXPECT_EQ(last_sequence(), before_ + 2);
}

class rpc_bulk_addition : public rpc_bulk {
 protected:
  rpc_bulk_addition() { rpc_ = "/factord.v1.UserService/BulkAddHumanUser"; }

  static factord::v1::BulkAddHumanUserRequest user(std::string_view id) {
    factord::v1::BulkAddHumanUserRequest asked;
    asked.set_user_id(std::string(id));
    asked.set_username("name of " + std::string(id));
    asked.mutable_profile()->set_given_name("G");
    asked.mutable_profile()->set_family_name("F");
    asked.mutable_email()->set_email("a@b.ch");
    asked.mutable_email()->set_is_verified(true);
    asked.mutable_organization()->set_org_id("acme");
    return asked;
  }
  void send(const factord::v1::BulkAddHumanUserRequest& one, bool last = false) {
    rpc_bulk::send(enveloped(one.SerializeAsString()), last);
  }
  std::vector<std::string> seen() {
    return rpc_bulk::seen<factord::v1::BulkAddHumanUserResponse>();
  }
};

TEST_F(rpc_bulk_addition, each_message_is_a_user_of_its_own) {
  begin("application/grpc", {{"idempotency-key", "k"}});
  auto whole = user("n1");
  whole.set_otp_email(true);
  send(whole);
  EXPECT_THAT(seen(), ElementsAre("n1 " + at(3)));
  auto coded = user("n2");
  coded.mutable_email()->mutable_return_code();
  send(coded);
  coded.set_user_id("n3");
  coded.set_otp_email(true);
  send(coded);
  auto dry = user("n4");
  dry.set_dry_run(true);
  send(dry);
  rpc_bulk::send(enveloped("\x0A\x05u1"));
  send(user("n1"), true);
  EXPECT_THAT(seen(), ElementsAre("n1 " + at(3), "n2 " + at(5), "n3 error 3", "n4 0", " error 3",
                                  "n1 error 9"));
  EXPECT_EQ(status(), "0");
  EXPECT_EQ(last_sequence(), before_ + 5);
  factord::v1::BulkAddHumanUserResponse second;
  std::string_view rest = client_.answer(id_).body;
  (void)take_envelope(rest);
  ASSERT_TRUE(second.ParseFromString(std::string(take_envelope(rest)->payload)));
  EXPECT_EQ(second.email_code().size(), 8U);
  // Sent again, it is told again, without the secret.
  begin("application/grpc", {{"idempotency-key", "k"}});
  send(whole);
  auto again = user("n2");
  again.mutable_email()->mutable_return_code();
  send(again, true);
  EXPECT_THAT(seen(), ElementsAre("n1 " + at(3), "n2 " + at(5)));
  rest = client_.answer(id_).body;
  (void)take_envelope(rest);
  ASSERT_TRUE(second.ParseFromString(std::string(take_envelope(rest)->payload)));
  EXPECT_TRUE(second.replayed());
  EXPECT_EQ(second.email_code(), "");
}

TEST_F(rpc_bulk_addition, a_message_may_have_32_kib_and_no_more) {
  std::string padded = user("n1").SerializeAsString();
  const std::size_t size = addition_line_bytes - padded.size() - 5;
  padded += "\x82\x7D"sv;  // a field that is not known, of so many bytes, in three of its own
  for (const unsigned shift : {0U, 7U, 14U})
    padded += static_cast<char>((size >> shift & 0x7FU) | (shift < 14 ? 0x80U : 0U));
  padded.append(size, 'x');
  begin();
  rpc_bulk::send(enveloped(padded));
  EXPECT_THAT(seen(), ElementsAre("n1 " + at(2)));
  rpc_bulk::send(std::string("\0\0\0\x80\x01"sv));
  EXPECT_THAT(seen(), ElementsAre("n1 " + at(2)));
  EXPECT_EQ(status(), "8");
}

TEST_F(rpc_bulk_addition, as_json_a_message_is_what_a_line_is) {
  begin("application/connect+json");
  rpc_bulk::send(
      enveloped(R"({"userId":"n1","profile":{"givenName":"G","familyName":"F"},"email":{"email":)"
                R"("a@b.ch","isVerified":true},"organization":{"orgId":"acme"},"otpEmail":true})"),
      true);
  EXPECT_THAT(client_.answer(id_).body,
              HasSubstr(R"({"userId":"n1","sequence":")" + at(3) + "\"}"));
}

}  // namespace
}  // namespace factord::protocol::rpc_bulk_test

#include <gtest/gtest.h>

#include "server/protocol/messages/endpoint.hpp"
#include "server/service/operation_table.hpp"
#include "tests/unit/server/protocol/session_fixture.hpp"

namespace factord::protocol::session_reuse_test {
namespace {

class reuse : public session_fixture {
 protected:
  void SetUp() override {
    add_user("u1", "org1");
    add_factor("u1");
    admin();
  }

  /// The call that is used next is the one that was used last. Nothing may be left in it of what
  /// clearing it after an operation that is_brief() passes over.
  void expect_clear() {
    service::call& next = calls_.acquire();
    EXPECT_TRUE(service::traits(next.op).is_brief) << service::traits(next.op).name;
    const service::call_input& in = next.in;
    EXPECT_EQ(in.org + in.username + in.email + in.verification_code + in.of_store + in.token_id +
                  in.directory,
              "");
    EXPECT_EQ(in.person.ByteSizeLong(), 0U);
    EXPECT_FALSE(in.email_verified || in.return_code || in.follow || in.filter.narrows());
    EXPECT_TRUE(in.wants_otp_email && in.roles.empty() && !in.lifetime);
    EXPECT_EQ(in.after + in.limit + in.backup, 0U);
    EXPECT_EQ(in.wait.count(), 0);
    EXPECT_EQ(next.draws.email_code + next.draws.token, "");

    const service::answer& out = next.out;
    EXPECT_EQ(out.user_id + out.email_code + out.store_id + out.token_id + out.token + out.next,
              "");
    EXPECT_EQ(out.user.ByteSizeLong(), 0U);
    EXPECT_FALSE(out.not_modified || out.otp_email || out.more || out.backup);
    EXPECT_EQ(out.head.sequence + out.position, 0U);
    EXPECT_TRUE(out.page == nullptr && out.tokens.empty());
    EXPECT_EQ(out.process.tally, nullptr);
    calls_.release(next);
  }
};

std::string_view text_of(verb method) { return method == verb::delete_ ? "DELETE " : "POST "; }

// Whatever comes along with one, and whatever it is answered.
TEST_F(reuse, a_brief_operation_leaves_nothing_behind) {
  const std::string all =
      "x-zitadel-orgid: org1\r\nAccept: text/event-stream\r\nLast-Event-ID: store:7\r\n"
      "Connect-Timeout-Ms: 60000\r\nOrigin: https://console.example\r\n";
  for (const endpoint& row : endpoints()) {
    if (!service::traits(row.which).is_brief) continue;
    std::string line(text_of(row.method));
    line += row.path;
    if (const auto id = line.find("{id}"); id != std::string::npos) line.replace(id, 4, "u1");
    for (const std::string_view with : {"", "Idempotency-Key: k\r\n", "If-Match: \"7\", \"8\"\r\n",
                                        "If-None-Match: *\r\n", "Content-Encoding: gzip\r\n"}) {
      (void)ask_http(line, "{}", admin_, all + std::string(with));
      expect_clear();
    }
    for (const std::string_view body :
         {"", R"({"verificationCode":"C"})", R"({"returnCode":{}})",
          R"({"username":"n","profile":{"givenName":"G","familyName":"F"},)"
          R"("email":{"email":"n@example.org","returnCode":{}}})"}) {
      (void)ask_http(line, body, admin_);
      expect_clear();
    }
    (void)ask_http(line);
    expect_clear();
  }
}

}  // namespace
}  // namespace factord::protocol::session_reuse_test

#include <gtest/gtest.h>

#include "server/protocol/proto/grpc/reflection/v1/reflection.pb.h"
#include "tests/unit/server/protocol/http2/client.hpp"
#include "tests/unit/server/protocol/rpc/client.hpp"
#include "tests/unit/server/protocol/session_fixture.hpp"

namespace factord::protocol::http2_test {
namespace {

using namespace std::chrono_literals;
using testing::field_list;
using testing::http2_client;

constexpr std::string_view reflection_path =
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

std::string value(const field_list& fields, std::string_view name) {
  for (const auto& [key, text] : fields) {
    if (key == name) return text;
  }
  return "(absent)";
}

class rpc_http2 : public session_fixture {
 protected:
  void SetUp() override {
    add_user("u1", "org1");
    add_factor("u1");
    admin();
  }

  // Both talk, and the queue runs, until nothing is left to do.
  void talk() {
    for (bool busy = true; busy;) {
      const std::string bytes = client_.output();
      feed(bytes);
      while (session_->calls_in_flight() > 0) run_queue();
      session_->fill_output();
      const std::string answer = std::exchange(session_->output(), {});
      client_.feed(answer);
      busy = !bytes.empty() || !answer.empty();
    }
  }

  std::int32_t begin(std::string_view path, const std::string& body, field_list more = {},
                     bool goes_on = false) {
    field_list fields{{"content-type", "application/grpc"}};
    fields.insert(fields.end(), more.begin(), more.end());
    return client_.request("POST", std::string(path), body, fields, goes_on);
  }

  const testing::http2_answer& remove(field_list more = {},
                                      const std::string& body = enveloped("\x0A\x02u1")) {
    more.emplace_back("authorization", "Bearer " + admin_);
    const auto id = begin("/zitadel.user.v2.UserService/RemoveOTPEmail", body, std::move(more));
    talk();
    return client_.answer(id);
  }

  http2_client client_;
};

TEST_F(rpc_http2, success_is_header_message_and_trailers) {
  const auto& seen = remove();
  EXPECT_EQ(seen.status(), "200");
  EXPECT_EQ(value(seen.header, "content-type"), "application/grpc");
  EXPECT_EQ(value(seen.header, "content-length"), "(absent)");
  EXPECT_EQ(value(seen.header, "grpc-status"), "(absent)");
  EXPECT_EQ(announced_length(seen.body), seen.body.size() - envelope_head_bytes);
  EXPECT_EQ(value(seen.trailers, "grpc-status"), "0");
  EXPECT_TRUE(seen.ended);
}

TEST_F(rpc_http2, an_error_is_trailers_only) {
  remove();
  const auto& seen = remove();
  EXPECT_EQ(seen.status(), "200");
  EXPECT_EQ(value(seen.header, "content-type"), "application/grpc");
  EXPECT_EQ(value(seen.header, "grpc-status"), "5");
  EXPECT_EQ(value(seen.header, "grpc-message"),
            "Multifactor OTP (OneTimePassword) doesn't exist (COMMAND-b312D)");
  EXPECT_NE(value(seen.header, "grpc-status-details-bin"), "(absent)");
  EXPECT_EQ(seen.body, "");
  EXPECT_TRUE(seen.trailers.empty());
}

TEST_F(rpc_http2, unknown_compression_names_those_known) {
  const auto& seen = remove({{"grpc-encoding", "br"}});
  EXPECT_EQ(value(seen.header, "grpc-status"), "12");
  EXPECT_EQ(value(seen.header, "grpc-accept-encoding"), "identity,gzip");
}

TEST_F(rpc_http2, a_body_that_is_too_large_is_8) {
  const std::string fits = enveloped(std::string(bounds_.body_bytes - envelope_head_bytes, '\0'));
  EXPECT_EQ(value(remove({}, fits).header, "grpc-status"), "3");
  EXPECT_EQ(value(remove({}, fits + '\0').header, "grpc-status"), "8");
}

TEST_F(rpc_http2, deadlines) {
  const std::uint64_t before = last_sequence();
  EXPECT_EQ(value(remove({{"grpc-timeout", "1n"}}).header, "grpc-status"), "4");
  EXPECT_EQ(value(remove({{"grpc-timeout", "1x"}}).header, "grpc-status"), "3");
  const auto id = begin("/zitadel.user.v2.UserService/RemoveOTPEmail", "",
                        {{"grpc-timeout", "1S"}, {"authorization", "Bearer " + admin_}}, true);
  talk();
  steady_now_ += 1s;
  client_.send(id, enveloped("\x0A\x02u1"), true);
  talk();
  EXPECT_EQ(value(client_.answer(id).header, "grpc-status"), "4");
  EXPECT_EQ(last_sequence(), before);
  EXPECT_EQ(value(remove({{"grpc-timeout", "99999999H"}}).trailers, "grpc-status"), "0");
}

TEST_F(rpc_http2, reflection_answers_while_the_client_goes_on) {
  grpc::reflection::v1::ServerReflectionRequest question;
  question.set_list_services("");
  const std::string bytes = enveloped(question.SerializeAsString());
  const auto id = begin(reflection_path, "", {}, true);
  talk();
  EXPECT_TRUE(client_.answer(id).header.empty());
  for (std::size_t questions = 1; questions <= 3; ++questions) {
    client_.send(id, bytes, false);
    talk();
    std::string_view body = client_.answer(id).body;
    std::size_t answers = 0;
    while (take_envelope(body)) ++answers;
    EXPECT_EQ(answers, questions);
    EXPECT_FALSE(client_.answer(id).ended);
  }
  client_.send(id, "", true);
  talk();
  EXPECT_EQ(value(client_.answer(id).trailers, "grpc-status"), "0");
}

TEST_F(rpc_http2, what_comes_after_the_end_of_a_stream_is_dropped) {
  const auto id = begin(reflection_path, enveloped("\x0A\x05u1"), {}, true);
  // The rest arrives in the same read as the fault.
  std::string input = client_.output();
  client_.send(id, enveloped("\x0A\x05u1"), false);
  input += client_.output();
  feed(input);
  session_->fill_output();
  client_.feed(std::exchange(session_->output(), {}));
  EXPECT_EQ(value(client_.answer(id).header, "grpc-status"), "3");
  client_.send(id, enveloped("more"), false);
  talk();
  EXPECT_EQ(value(remove().trailers, "grpc-status"), "0") << "the connection goes on";
}

TEST_F(rpc_http2, a_question_that_is_too_large_ends_the_stream_with_8) {
  using namespace std::string_literals;
  const auto id = begin(reflection_path, "\0\0\1\0\1"s, {}, true);
  talk();
  EXPECT_EQ(value(client_.answer(id).header, "grpc-status"), "8");
  const std::string fits = enveloped(std::string(bounds_.body_bytes, '\0'));
  const auto whole = begin(reflection_path, fits, {}, true);
  talk();
  EXPECT_EQ(value(client_.answer(whole).header, "grpc-status"), "3") << "it arrives whole";
}

}  // namespace
}  // namespace factord::protocol::http2_test

#include <gtest/gtest.h>

#include "server/protocol/proto/grpc/reflection/v1/reflection.pb.h"
#include "server/protocol/rpc/api.hpp"
#include "tests/unit/server/protocol/rpc/client.hpp"

namespace factord::protocol::rpc_stream_test {
namespace {

namespace v1 = grpc::reflection::v1;

std::string question(std::string_view file = "zitadel/message.proto") {
  v1::ServerReflectionRequest asked;
  asked.set_file_by_filename(std::string(file));
  return enveloped(asked.SerializeAsString());
}

class rpc_stream : public ::testing::Test {
 protected:
  // One part of a request; what was answered to it.
  response part(std::string_view bytes, bool more) {
    request_.body += bytes;
    request_.more = more;
    response out;
    answered_ = answer_reflection_stream(form_, request_, bounds_, out);
    return out;
  }
  static std::size_t messages(std::string_view body) {
    std::size_t count = 0;
    while (const auto one = take_envelope(body)) {
      if (one->flags == 0) ++count;
    }
    EXPECT_TRUE(body.empty());
    return count;
  }
  static std::string status(const response& out) {
    return out.trailers.empty() ? "(none)" : out.trailers.front().value;
  }

  rpc_form form_ = rpc_form::grpc;
  limits bounds_;
  request request_;
  bool answered_ = false;
};

TEST_F(rpc_stream, each_question_is_answered_as_it_arrives) {
  part("", true);
  EXPECT_FALSE(answered_);
  response first = part(question(), true);
  EXPECT_TRUE(answered_);
  EXPECT_TRUE(first.more);
  EXPECT_EQ(messages(first.body), 1U);
  EXPECT_EQ(status(first), "(none)");
  EXPECT_EQ(messages(part(question() + question(), true).body), 2U);
  const response last = part("", false);
  EXPECT_TRUE(answered_);
  EXPECT_FALSE(last.more);
  EXPECT_EQ(status(last), "0");
}

TEST_F(rpc_stream, a_question_may_come_byte_by_byte) {
  const std::string bytes = question();
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    part(bytes.substr(i, 1), true);
    EXPECT_FALSE(answered_) << i;
  }
  EXPECT_EQ(messages(part(bytes.substr(bytes.size() - 1), true).body), 1U);
  EXPECT_TRUE(request_.body.empty());
}

TEST_F(rpc_stream, a_whole_body_at_once_as_over_http_1) {
  for (const rpc_form form : {rpc_form::grpc_web, rpc_form::connect_stream_proto}) {
    form_ = form;
    request_ = {};
    const response out = part(question() + question("nowhere"), false);
    EXPECT_FALSE(out.more);
    EXPECT_EQ(messages(out.body), 2U);
  }
}

TEST_F(rpc_stream, text_is_read_once_it_is_whole) {
  form_ = rpc_form::grpc_web_text;
  std::string text;
  append_base64(text, question(), padding::equals);
  part(text.substr(0, 7), true);
  EXPECT_FALSE(answered_);
  const response out = part(text.substr(7), false);
  EXPECT_EQ(read_web_answer(out.body, true).code, "0");
}

TEST_F(rpc_stream, text_that_is_too_large_is_seen_before_its_end) {
  form_ = rpc_form::grpc_web_text;
  part(std::string(bounds_.body_bytes, 'A'), true);
  EXPECT_FALSE(answered_);
  const response out = part("A", true);
  EXPECT_FALSE(out.more);
  EXPECT_EQ(read_web_answer(out.body, true).code, "8");
}

TEST_F(rpc_stream, connect_json) {
  form_ = rpc_form::connect_stream_json;
  const response out = part(enveloped(R"({"listServices":""})"), false);
  EXPECT_NE(out.body.find(R"({"name":"grpc.health.v1.Health"})"), std::string::npos);
  EXPECT_TRUE(out.body.ends_with("{}"));
}

TEST_F(rpc_stream, faults_end_the_stream_after_what_was_asked_before) {
  const response out = part(question() + enveloped("\x0A\x05u1"), true);
  EXPECT_FALSE(out.more);
  EXPECT_EQ(messages(out.body), 1U);
  EXPECT_EQ(status(out), "3");
}

TEST_F(rpc_stream, half_a_question_is_no_question) {
  EXPECT_EQ(status(part(question().substr(0, 9), false)), "3");
}

TEST_F(rpc_stream, too_large_is_seen_at_the_head) {
  using namespace std::string_view_literals;
  EXPECT_EQ(status(part("\0\0\1\0\0"sv, true)), "(none)");
  EXPECT_FALSE(answered_);
  request_ = {};
  EXPECT_EQ(status(part("\0\0\1\0\1"sv, true)), "8");
}

TEST_F(rpc_stream, answers_to_one_part_are_bounded) {
  bounds_.output_bytes = 10'000;
  std::string many;
  for (int i = 0; i < 200; ++i) many += question();
  const response out = part(many, true);
  EXPECT_EQ(status(out), "8");
  EXPECT_LT(out.body.size(), 11'000U);
}

TEST_F(rpc_stream, an_unknown_compression_is_12_with_those_known) {
  request_.add(field::grpc_encoding, "br");
  EXPECT_EQ(status(part("", true)), "12");
}

}  // namespace
}  // namespace factord::protocol::rpc_stream_test

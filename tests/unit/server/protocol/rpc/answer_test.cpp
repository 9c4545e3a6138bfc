#include "server/protocol/rpc/answer.hpp"

#include <gtest/gtest.h>

#include "server/protocol/proto/google/rpc/status.pb.h"
#include "server/protocol/proto/zitadel/message.pb.h"
#include "server/protocol/proto/zitadel/user/v2/user_service.pb.h"
#include "server/protocol/wire/base64.hpp"
#include "server/protocol/wire/envelope.hpp"
#include "server/protocol/wire/wire_status.hpp"
#include "storage/base/enum_table.hpp"

namespace factord::protocol::answer_test {
namespace {

using namespace std::string_view_literals;
using service::failure;
using service::status_code;

constexpr failure with_id{status_code::not_found, "COMMAND-b312D", "It's 100%\u00FC\n"};
constexpr failure without_id{status_code::invalid_argument, "", "no"};

std::string trailer(const response& out, std::string_view name) {
  for (const response::header& line : out.trailers) {
    if (line.name == name) return line.value;
  }
  return "(absent)";
}

zitadel::user::v2::VerifyEmailRequest sample() {
  zitadel::user::v2::VerifyEmailRequest message;
  message.set_user_id("u1");
  return message;
}

TEST(rpc_answer, grpc_sends_an_envelope_and_status_0_behind_it) {
  response out;
  write_rpc_message(rpc_form::grpc_proto, sample(), out);
  EXPECT_EQ(out.status, 200U);
  EXPECT_EQ(out.content_type, "application/grpc+proto");
  EXPECT_EQ(out.body, "\x00\x00\x00\x00\x04\x0A\x02u1"sv);
  EXPECT_EQ(out.trailers.size(), 1U);
  EXPECT_EQ(trailer(out, "grpc-status"), "0");
}

TEST(rpc_answer, grpc_errors_are_trailers_only_with_the_detail_in_base64) {
  response out;
  write_rpc_failure(rpc_form::grpc, with_id, out);
  EXPECT_EQ(out.status, 200U);
  EXPECT_EQ(out.content_type, "application/grpc");
  EXPECT_TRUE(out.body.empty());
  EXPECT_EQ(trailer(out, "grpc-status"), "5");
  EXPECT_EQ(trailer(out, "grpc-message"), "It's 100%25%C3%BC%0A (COMMAND-b312D)");

  std::string bytes;
  ASSERT_TRUE(decode_base64(trailer(out, "grpc-status-details-bin"), bytes));
  google::rpc::Status status;
  ASSERT_TRUE(status.ParseFromString(bytes));
  EXPECT_EQ(status.code(), 5);
  EXPECT_EQ(status.message(), "It's 100%\u00FC\n (COMMAND-b312D)");
  ASSERT_EQ(status.details_size(), 1);
  EXPECT_EQ(status.details(0).type_url(), "type.googleapis.com/zitadel.v1.ErrorDetail");
  zitadel::v1::ErrorDetail detail;
  ASSERT_TRUE(status.details(0).UnpackTo(&detail));
  EXPECT_EQ(detail.id(), "COMMAND-b312D");
  EXPECT_EQ(detail.message(), "It's 100%\u00FC\n");
}

TEST(rpc_answer, errors_without_an_id_have_no_details) {
  response grpc;
  write_rpc_failure(rpc_form::grpc, without_id, grpc);
  EXPECT_EQ(trailer(grpc, "grpc-status-details-bin"), "(absent)");
  response connect;
  write_rpc_failure(rpc_form::connect_proto, without_id, connect);
  EXPECT_EQ(connect.status, 400U);
  EXPECT_EQ(connect.content_type, "application/json");
  EXPECT_EQ(connect.body, R"({"code":"invalid_argument","message":"no"})");
}

TEST(rpc_answer, grpc_web_has_its_trailers_in_the_last_envelope) {
  response out;
  write_rpc_message(rpc_form::grpc_web, sample(), out);
  EXPECT_EQ(out.body, "\x00\x00\x00\x00\x04\x0A\x02u1\x80\x00\x00\x00\x10grpc-status: 0\r\n"sv);
  EXPECT_TRUE(out.trailers.empty());
  response text;
  write_rpc_message(rpc_form::grpc_web_text, sample(), text);
  std::string decoded;
  ASSERT_TRUE(decode_base64(text.body, decoded));
  EXPECT_EQ(decoded, out.body);
  EXPECT_EQ(text.content_type, "application/grpc-web-text");
}

TEST(rpc_answer, connect_has_the_message_alone_and_errors_in_json) {
  response out;
  write_rpc_message(rpc_form::connect_proto, sample(), out);
  EXPECT_EQ(out.body, "\x0A\x02u1"sv);
  EXPECT_EQ(out.content_type, "application/proto");
  response json;
  write_rpc_message(rpc_form::connect_json, sample(), json);
  EXPECT_EQ(json.body, R"({"userId":"u1"})");
  response failed;
  write_rpc_failure(rpc_form::connect_json, {status_code::not_found, "A-1", "b"}, failed);
  EXPECT_EQ(failed.status, 404U);
  EXPECT_EQ(failed.body, R"~({"code":"not_found","message":"b (A-1)","details":[)~"
                         R"~({"type":"zitadel.v1.ErrorDetail","value":"CgNBLTESAWI"}]})~");
}

TEST(rpc_answer, an_empty_connect_message_has_its_type_all_the_same) {
  response out;
  write_rpc_message(rpc_form::connect_proto, zitadel::user::v2::ListAuthenticationFactorsResponse(),
                    out);
  ASSERT_EQ(out.headers.size(), 1U);
  EXPECT_EQ(out.headers[0].name, "Content-Type");
  EXPECT_EQ(out.headers[0].value, "application/proto");
}

TEST(rpc_answer, connect_streams_end_with_an_envelope) {
  response out;
  append_stream_message(rpc_form::connect_stream_proto, sample(), out);
  append_stream_end(rpc_form::connect_stream_proto, {status_code::ok, {}, {}}, out);
  EXPECT_EQ(out.body, "\x00\x00\x00\x00\x04\x0A\x02u1\x02\x00\x00\x00\x02{}"sv);
  response failed;
  append_stream_end(rpc_form::connect_stream_json, without_id, failed);
  EXPECT_EQ(failed.status, 200U);
  EXPECT_EQ(failed.body.substr(5), R"({"error":{"code":"invalid_argument","message":"no"}})");
}

TEST(rpc_answer, every_code_has_its_names_and_http_status) {
  struct row {
    unsigned http;
    std::string_view connect;
  };
  constexpr row rows[] = {{200, "ok"},
                          {499, "canceled"},
                          {500, "unknown"},
                          {400, "invalid_argument"},
                          {504, "deadline_exceeded"},
                          {404, "not_found"},
                          {409, "already_exists"},
                          {403, "permission_denied"},
                          {429, "resource_exhausted"},
                          {400, "failed_precondition"},
                          {409, "aborted"},
                          {400, "out_of_range"},
                          {501, "unimplemented"},
                          {500, "internal"},
                          {503, "unavailable"},
                          {500, "data_loss"},
                          {401, "unauthenticated"}};
  static_assert(std::size(rows) == count_of<service::status_code>);
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    EXPECT_EQ(http_status(static_cast<status_code>(i)), rows[i].http) << i;
    EXPECT_EQ(connect_code_name(static_cast<status_code>(i)), rows[i].connect) << i;
  }
}

}  // namespace
}  // namespace factord::protocol::answer_test

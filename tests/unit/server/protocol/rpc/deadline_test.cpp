#include "tests/unit/server/protocol/session_fixture.hpp"

namespace factord::protocol::deadline_test {
namespace {

using namespace std::chrono_literals;
using service::operation;
using service::status_code;

class rpc_deadline : public session_fixture {
 protected:
  void SetUp() override {
    add_user("u1", "org1");
    add_factor("u1");
    admin();
  }
  status_code remove_by(std::chrono::steady_clock::time_point deadline) {
    service::call& pending = make(operation::remove_otp_email, admin_, "u1");
    pending.deadline = deadline;
    return ask(pending).code;
  }
  unsigned remove_over_connect(std::string_view fields) {
    return ask_http("POST /zitadel.user.v2.UserService/RemoveOTPEmail", R"({"userId":"u1"})",
                    admin_, "Content-Type: application/json\r\n" + std::string(fields))
        .status;
  }
  unsigned remove_over_json(std::string_view fields) {
    return ask_http("DELETE /v2/users/u1/otp_email", {}, admin_, fields).status;
  }
};

TEST_F(rpc_deadline, passed_means_that_nothing_is_written) {
  const std::uint64_t before = last_sequence();
  EXPECT_EQ(remove_by(steady_now_), status_code::deadline_exceeded);
  EXPECT_EQ(remove_by(steady_now_ - 1ns), status_code::deadline_exceeded);
  EXPECT_EQ(last_sequence(), before);
  EXPECT_EQ(remove_by(steady_now_ + 1ns), status_code::ok);
}

TEST_F(rpc_deadline, what_was_queued_in_time_is_done) {
  service::call& pending = make(operation::remove_otp_email, admin_, "u1");
  pending.deadline = steady_now_ + 1s;
  users_->start(pending);
  steady_now_ += 2s;
  while (queue_->run_batch(now_)) {
  }
  answered_.clear();
  EXPECT_EQ(pending.out.code, status_code::ok);
}

TEST_F(rpc_deadline, reads_have_one_too) {
  service::call& pending = make(operation::get_user, admin_, "u1");
  pending.deadline = steady_now_;
  EXPECT_EQ(ask(pending).code, status_code::deadline_exceeded);
}

TEST_F(rpc_deadline, without_one_the_clock_does_not_matter) {
  steady_now_ = std::chrono::steady_clock::time_point::max();
  EXPECT_EQ(remove_by(service::no_deadline), status_code::ok);
}

TEST_F(rpc_deadline, malformed_ones_are_an_error_of_the_request) {
  EXPECT_EQ(remove_over_connect("connect-timeout-ms: x\r\n"), 400U);
  EXPECT_EQ(remove_over_connect("connect-timeout-ms: 12345678901\r\n"), 400U);
  EXPECT_EQ(remove_over_connect("connect-timeout-ms: 9999999999\r\n"), 200U);
}

// As a gateway of gRPC does it: who sends either over JSON believes that it holds.
TEST_F(rpc_deadline, json_over_http_has_those_of_both) {
  const std::uint64_t before = last_sequence();
  EXPECT_EQ(remove_over_json("grpc-timeout: x\r\n"), 400U);
  EXPECT_EQ(remove_over_json("connect-timeout-ms: 1S\r\n"), 400U);
  EXPECT_EQ(remove_over_json("grpc-timeout: 0S\r\n"), 504U);
  EXPECT_EQ(remove_over_json("connect-timeout-ms: 0\r\n"), 504U);
  EXPECT_EQ(remove_over_json("grpc-timeout: 1H\r\nconnect-timeout-ms: 0\r\n"), 504U);
  EXPECT_EQ(remove_over_json("grpc-timeout: 0S\r\nconnect-timeout-ms: 9999\r\n"), 504U);
  EXPECT_EQ(last_sequence(), before);
  EXPECT_EQ(remove_over_json("grpc-timeout: 1H\r\nconnect-timeout-ms: 9999\r\n"), 200U);
}

TEST_F(rpc_deadline, counts_from_the_end_of_the_header) {
  const std::uint64_t before = last_sequence();
  EXPECT_EQ(remove_over_connect("connect-timeout-ms: 0\r\n"), 504U);
  for (const auto wait : {1000ms, 999ms}) {
    feed(
        "POST /zitadel.user.v2.UserService/RemoveOTPEmail HTTP/1.1\r\nHost: h\r\n"
        "Content-Type: application/json\r\nContent-Length: 15\r\nconnect-timeout-ms: 1000\r\n"
        "Authorization: Bearer " +
        admin_ + "\r\n\r\n");
    EXPECT_EQ(last_sequence(), before);
    steady_now_ += wait;
    const auto seen = exchange(R"({"userId":"u1"})");
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen.front().status, wait == 1000ms ? 504U : 200U);
  }
  EXPECT_EQ(last_sequence(), before + 1);
}

}  // namespace
}  // namespace factord::protocol::deadline_test

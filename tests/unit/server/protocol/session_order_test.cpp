#include "tests/unit/server/protocol/session_fixture.hpp"

namespace factord::protocol {
namespace {

class order : public session_fixture {
 protected:
  void SetUp() override {
    for (const std::string_view id : {"u1", "u2", "u3"}) {
      add_user(id, "org1");
      add_factor(id);
    }
    fields_ = " HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + admin() + "\r\n\r\n";
  }
  std::string removal(std::string_view id) {
    return "DELETE /v2/users/" + std::string(id) + "/otp_email" + fields_;
  }
  std::string list(std::string_view id) {
    return "GET /v2/users/" + std::string(id) + "/authentication_methods" + fields_;
  }

  std::string fields_;
};

TEST_F(order, pipelined_writes_go_into_one_batch) {
  feed(removal("u1") + removal("u2") + removal("u1"));
  EXPECT_EQ(session_->calls_in_flight(), 3U);
  EXPECT_EQ(session_->output(), "");
  run_queue();
  const auto seen = take_answers();
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[0].status, 200U);
  EXPECT_EQ(seen[1].status, 200U);
  EXPECT_EQ(seen[2].status, 404U);
}

TEST_F(order, a_read_waits_for_the_writes_before_it) {
  feed(removal("u1") + list("u1") + removal("u2"));
  EXPECT_EQ(session_->calls_in_flight(), 1U);
  EXPECT_FALSE(session_->wants_input());
  run_queue();
  EXPECT_EQ(session_->calls_in_flight(), 1U) << "the read is done, the second removal is queued";
  run_queue();
  const auto seen = take_answers();
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[1].body.find("OTP_EMAIL"), std::string::npos) << "it saw the removal";
  EXPECT_EQ(seen[2].status, 200U);
}

TEST_F(order, answers_leave_in_the_order_of_the_requests) {
  feed(removal("u1") + "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(session_->output(), "") << "health is ready, but not its turn";
  run_queue();
  const auto seen = take_answers();
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[1].body, "ok");
}

TEST_F(order, no_more_than_the_limit_are_read_ahead) {
  bounds_.pipelined_requests = 2;
  use_surface(surface::api);
  feed(removal("u1") + removal("u2") + removal("u3"));
  EXPECT_EQ(session_->calls_in_flight(), 2U);
  EXPECT_FALSE(session_->wants_input());
  run_queue();
  EXPECT_EQ(session_->calls_in_flight(), 1U);
  run_queue();
  EXPECT_EQ(take_answers().size(), 3U);
}

TEST_F(order, a_half_closed_connection_gets_all_its_answers) {
  feed(removal("u1") + removal("u2"));
  session_->end_of_input();
  EXPECT_FALSE(session_->finished());
  run_queue();
  EXPECT_TRUE(session_->finished());
  EXPECT_EQ(take_answers().size(), 2U);
}

TEST_F(order, calls_of_one_session_are_given_back) {
  exchange(removal("u1") + list("u1") + removal("u2"));
  const std::size_t before = calls_.in_use();
  exchange(removal("u1") + list("u1") + removal("u3"));
  EXPECT_EQ(calls_.in_use(), before);
}

}  // namespace
}  // namespace factord::protocol

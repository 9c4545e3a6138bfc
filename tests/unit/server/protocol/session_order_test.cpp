#include <functional>
#include <vector>

#include "tests/unit/server/protocol/bulk_lines.hpp"
#include "tests/unit/server/protocol/session_fixture.hpp"
#include "tests/unit/support/late_engine.hpp"

namespace factord::protocol::session_order_test {
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

/// Two tokens, of which nobody knows the second yet.
class order_of_writes : public order {
 protected:
  void SetUp() override {
    order::SetUp();
    other_ = " HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " +
             token("other", {service::role::iam_owner}) + "\r\n\r\n";
    read_from(late_);
    // Known from here on.
    feed(list("u3"));
    answer_all();
    ASSERT_EQ(take_answers().size(), 1U);
  }
  void answer_all() {
    do feed({});
    while (late_.answer_one());
    feed({});
  }
  std::string by_other(std::string_view verb, std::string_view id) {
    return std::string(verb) + " /v2/users/" + std::string(id) + "/otp_email" + other_;
  }

  storage::late_engine late_{store_.shared()};
  std::string other_;
};

TEST_F(order_of_writes, one_starts_once_the_earlier_is_in_the_queue) {
  const std::string_view adds = "POST";
  feed(by_other("DELETE", "u1") + removal("u2") + by_other("DELETE", "u3") + by_other(adds, "u1") +
       removal("u1"));
  EXPECT_EQ(session_->calls_in_flight(), 1U) << "the second waits for the token of the first";
  EXPECT_FALSE(session_->wants_input());
  const std::uint64_t before = last_sequence();
  answer_all();
  EXPECT_EQ(session_->calls_in_flight(), 5U) << "they need not wait for more than that";
  while (session_->calls_in_flight() > 0) run_queue();
  const auto seen = take_answers();
  ASSERT_EQ(seen.size(), 5U);
  for (const auto& one : seen) EXPECT_EQ(one.status, 200U) << one.body;
  EXPECT_EQ(last_sequence(), before + 5);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    EXPECT_NE(seen[i].body.find("\"sequence\":\"" + std::to_string(before + 1 + i) + "\""),
              std::string::npos)
        << "the order of the events is that of the requests: " << seen[i].body;
  }
}

TEST_F(order_of_writes, one_that_is_refused_lets_the_next_start) {
  other_ = " HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer nobody's\r\n\r\n";
  feed(by_other("DELETE", "u1") + removal("u1") + by_other("DELETE", "u1") + removal("u2"));
  EXPECT_EQ(session_->calls_in_flight(), 1U);
  answer_all();
  while (session_->calls_in_flight() > 0) {
    run_queue();
    answer_all();
  }
  const auto seen = take_answers();
  ASSERT_EQ(seen.size(), 4U);
  const unsigned expected[] = {401, 200, 401, 200};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(seen[i].status, expected[i]) << i;
}

// Whose token has to be looked up again, since the epoch of tokens has risen behind the first.
TEST_F(order_of_writes, a_line_of_a_bulk_starts_once_the_earlier_is_in_the_queue) {
  std::string out;
  const auto go_on = [this, &out] {
    do {
      feed({});
      out += std::exchange(session_->output(), {});
    } while (session_->resume_streams());
  };
  feed("POST " + std::string(bulk_testing::bulk_path) + fields_.substr(0, fields_.size() - 2) +
       std::string(bulk_testing::ndjson) + "Transfer-Encoding: chunked\r\n\r\n" +
       bulk_testing::chunk(bulk_testing::line_of("u1")));
  go_on();
  const std::uint64_t before = last_sequence();
  service::call& third = make(service::operation::create_token, {}, "third");
  third.who.trusted = true;
  users_->start(third);
  ASSERT_TRUE(queue_->run_batch(now_));
  ASSERT_EQ(answered_.size(), 2U);
  // Of the two the one that is no line was first.
  service::call& first = *answered_.back();
  answered_.clear();

  feed(bulk_testing::chunk(bulk_testing::line_of("u2") + bulk_testing::line_of("u3")) +
       "0\r\n\r\n");
  go_on();
  session_->complete(first);
  go_on();
  answer_all();
  do go_on();
  while (queue_->run_batch(now_) || !answered_.empty() || late_.answer_one());
  EXPECT_NE(out.find(bulk_testing::done("u2", before + 3)), out.npos) << out;
  EXPECT_NE(out.find(bulk_testing::done("u3", before + 4)), out.npos) << out;
}

TEST_F(order, calls_of_one_session_are_given_back) {
  exchange(removal("u1") + list("u1") + removal("u2"));
  const std::size_t before = calls_.in_use();
  exchange(removal("u1") + list("u1") + removal("u3"));
  EXPECT_EQ(calls_.in_use(), before);
}

}  // namespace
}  // namespace factord::protocol::session_order_test

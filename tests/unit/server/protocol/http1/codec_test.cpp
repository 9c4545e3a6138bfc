#include "server/protocol/http1/codec.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/server/protocol/http1/driver.hpp"

namespace factord::protocol::testing::http1_codec_test {
namespace {

using namespace std::chrono_literals;
using time_point = codec::time_point;

const time_point start{1h};
const std::string get_a = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string get_b = "GET /b HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string get_c = "GET /c HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string post_head = "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n";
const std::string continued = "HTTP/1.1 100 Continue\r\n\r\n";

// The bodies of the answers in `output`, in order, where every body is one letter.
std::string letters(std::string_view output) {
  std::string found;
  for (auto at = output.find("\r\n\r\n"); at != output.npos; at = output.find("\r\n\r\n", at + 4))
    found += output.substr(at + 4, 1);
  return found;
}

TEST(http1_codec_test, answers_in_any_order_leave_in_the_order_of_the_requests) {
  std::vector<int> order = {0, 1, 2};
  do {
    http1_driver driver({}, false);
    driver.feed(get_a + get_b + get_c);
    ASSERT_EQ(driver.requests().size(), 3U);
    for (const int i : order)
      driver.answer(driver.requests()[static_cast<std::size_t>(i)].id, std::string(1, "xyz"[i]));
    EXPECT_EQ(letters(driver.output()), "xyz");
  } while (std::ranges::next_permutation(order).found);
}

TEST(http1_codec_test, an_answer_leaves_as_soon_as_it_is_its_turn) {
  http1_driver driver({}, false);
  driver.feed(get_a + get_b + get_c);
  driver.answer(driver.requests()[2].id, "z");
  EXPECT_EQ(driver.output(), "");
  EXPECT_GT(driver.codec().held_bytes(), 0U);
  driver.answer(driver.requests()[0].id, "x");
  EXPECT_EQ(letters(driver.output()), "x");
  driver.answer(driver.requests()[1].id, "y");
  EXPECT_EQ(letters(driver.output()), "xyz");
}

TEST(http1_codec_test, takes_no_more_than_the_limit_of_pipelined_requests) {
  limits bounds;
  bounds.pipelined_requests = 3;
  http1_driver driver(bounds, false);
  driver.feed(get_a + get_a + get_a + get_b);
  EXPECT_EQ(driver.requests().size(), 3U);
  EXPECT_EQ(driver.pending(), get_b);
  EXPECT_TRUE(driver.codec().idle());

  driver.answer(driver.requests()[1].id, "y");
  driver.pump();
  EXPECT_EQ(driver.requests().size(), 3U) << "the oldest is unanswered";
  driver.answer(driver.requests()[0].id, "x");
  driver.pump();
  ASSERT_EQ(driver.requests().size(), 4U);
  EXPECT_EQ(driver.requests()[3].target, "/b");
}

TEST(http1_codec_test, an_error_keeps_its_turn) {
  http1_driver driver({}, false);
  driver.feed(get_a + get_b + "bad\r\n\r\n");
  EXPECT_EQ(driver.output(), "");
  EXPECT_FALSE(driver.codec().finished());
  driver.answer(driver.requests()[1].id, "y");
  driver.answer(driver.requests()[0].id, "x");
  EXPECT_EQ(letters(driver.output()), "xy{");
  EXPECT_TRUE(driver.codec().finished());
  driver.feed(get_c);
  EXPECT_EQ(driver.requests().size(), 2U);
  EXPECT_EQ(driver.pending(), "") << "what comes is thrown away";
}

TEST(http1_codec_test, the_form_of_an_answer) {
  http1_driver driver;
  driver.feed(get_a);
  EXPECT_EQ(driver.output(),
            "HTTP/1.1 200 OK\r\nServer: factord\r\nCache-Control: no-store\r\n"
            "X-Content-Type-Options: nosniff\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
            "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n/a");
}

struct persistence {
  const char* request;
  bool closes;
  std::string connection;  // the line in the answer
};

TEST(http1_codec_test, keep_alive) {
  const std::vector<persistence> cases = {
      {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", false, ""},
      {"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", true, "Connection: close\r\n"},
      {"GET / HTTP/1.1\r\nHost: h\r\nConnection: x, Close\r\n\r\n", true, "Connection: close\r\n"},
      {"GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive\r\n\r\n", false, ""},
      {"GET / HTTP/1.0\r\n\r\n", true, "Connection: close\r\n"},
      {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", false, "Connection: keep-alive\r\n"},
      {"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", true, "Connection: close\r\n"},
  };
  for (const persistence& one : cases) {
    SCOPED_TRACE(one.request);
    http1_driver driver;
    driver.feed(one.request);
    EXPECT_EQ(driver.codec().finished(), one.closes);
    EXPECT_EQ(count(driver.output(), "Connection: "), one.connection.empty() ? 0U : 1U);
    EXPECT_EQ(count(driver.output(), one.connection.empty() ? "200 OK" : one.connection), 1U);
  }
}

TEST(http1_codec_test, continue_is_sent_while_the_body_is_missing) {
  http1_driver driver;
  driver.feed(post_head + "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(driver.output(), continued);
  driver.feed("a");
  EXPECT_EQ(driver.output(), continued) << "once";
  driver.feed("bc");
  EXPECT_EQ(driver.requests().at(0).body, "abc");
}

TEST(http1_codec_test, continue_is_not_sent_when_the_body_is_there) {
  http1_driver driver;
  driver.feed(post_head + "Expect: 100-continue\r\n\r\nabc");
  EXPECT_EQ(count(driver.output(), continued), 0U);
  EXPECT_EQ(driver.requests().size(), 1U);
}

TEST(http1_codec_test, continue_waits_for_earlier_answers) {
  http1_driver driver({}, false);
  driver.feed(get_a + post_head + "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(driver.output(), "");
  driver.answer(driver.requests()[0].id, "x");
  EXPECT_TRUE(driver.output().ends_with("x" + continued));
}

TEST(http1_codec_test, continue_is_not_for_http_1_0_or_for_a_refused_body) {
  for (const std::string request :
       {"POST /p HTTP/1.0\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n",
        "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 65537\r\nExpect: 100-continue\r\n\r\n"}) {
    http1_driver driver;
    driver.feed(request);
    EXPECT_EQ(count(driver.output(), continued), 0U);
  }
}

TEST(http1_codec_test, each_fault_of_framing_has_its_own_words) {
  const std::string head = "POST /p HTTP/1.1\r\nHost: h\r\n";
  const std::string length = "Content-Length: 3\r\n";
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  const std::string no_length = "Content-Length must be one number";
  const std::string both = "Transfer-Encoding and Content-Length exclude each other";
  const std::string version = "only HTTP/1.0 and HTTP/1.1 are spoken here";
  const std::string target = "malformed request target";
  const std::vector<std::pair<std::string, std::string>> faults = {
      {head + length + chunked + "\r\n", both},
      {head + chunked + length + "\r\n", both},
      {head + chunked + "Content-Length: x\r\n\r\n", both},
      {head + chunked + chunked + "\r\n", "more than one Transfer-Encoding"},
      {head + chunked + "Transfer-Encoding: gzip\r\n\r\n", "more than one Transfer-Encoding"},
      {head + "Transfer-Encoding: gzip\r\n\r\n", "the only Transfer-Encoding accepted is chunked"},
      {head + length + length + "\r\n", no_length},
      {head + length + "Content-Length: 4\r\n\r\n", no_length},
      {head + "Content-Length: x\r\n\r\n", no_length},
      {head + chunked + "\r\n0\r\n" + length + "\r\n", "Content-Length may not stand in a trailer"},
      {head + chunked + "\r\n0\r\n" + chunked + "\r\n",
       "Transfer-Encoding may not stand in a trailer"},
      {head + "Connection: a b\r\n\r\n", "malformed Connection or Proxy-Connection"},
      {"GET /healthz\r\n\r\n", version},
      {"GET /healthz\r\nHost: a b c\r\n\r\n", version},
      {"GET /healthz HTTP/2.0\r\nHost: h\r\n\r\n", version},
      {"GET /healthz HTTP/1\r\nHost: h\r\n\r\n", version},
      {"GET  HTTP/1.1\r\nHost: h\r\n\r\n", target},
      {"GET \r\nHost: h\r\n\r\n", target},
      {"GET healthz HTTP/1.1\r\nHost: h\r\n\r\n", target},
  };
  for (const auto& [input, words] : faults) {
    SCOPED_TRACE(input);
    http1_driver driver;
    driver.feed(input);
    EXPECT_EQ(count(driver.output(), "HTTP/1.1 400 "), 1U);
    EXPECT_EQ(count(driver.output(), "\"message\":\"" + words + "\""), 1U) << driver.output();
  }
}

TEST(http1_codec_test, drain_when_idle_finishes_at_once) {
  http1_driver driver;
  driver.codec().drain();
  EXPECT_TRUE(driver.codec().finished());
  EXPECT_EQ(driver.output(), "");
}

TEST(http1_codec_test, drain_marks_the_last_answer) {
  http1_driver driver({}, false);
  driver.feed(get_a + get_b);
  driver.codec().drain();
  driver.feed(get_c);
  EXPECT_EQ(driver.requests().size(), 2U);
  EXPECT_FALSE(driver.codec().finished());
  driver.answer(driver.requests()[0].id, "x");
  EXPECT_EQ(count(driver.output(), "Connection: close"), 0U);
  driver.answer(driver.requests()[1].id, "y");
  EXPECT_EQ(count(driver.output(), "Connection: close"), 1U);
  EXPECT_TRUE(driver.codec().finished());
}

TEST(http1_codec_test, drain_lets_a_request_that_has_begun_go_on) {
  for (const std::size_t cut : {std::size_t{1}, post_head.size() + 3}) {
    http1_driver driver;
    const std::string request = post_head + "\r\nabc";
    driver.feed(request.substr(0, cut));
    driver.codec().drain();
    EXPECT_FALSE(driver.codec().finished());
    driver.feed(request.substr(cut) + get_a);
    EXPECT_EQ(driver.requests().size(), 1U);
    EXPECT_EQ(count(driver.output(), "Connection: close"), 1U);
    EXPECT_TRUE(driver.codec().finished());
  }
}

TEST(http1_codec_test, a_header_or_body_that_takes_too_long_is_answered_408) {
  const limits bounds;
  const struct {
    std::string begun;
    std::chrono::milliseconds patience;
  } cases[] = {{"G", bounds.header_time}, {post_head + "\r\na", bounds.body_time}};
  for (const auto& one : cases) {
    SCOPED_TRACE(one.begun);
    http1_driver driver;
    driver.feed(one.begun);
    driver.codec().sweep(start, true);
    driver.codec().sweep(start + one.patience - 1ms, true);
    EXPECT_EQ(driver.output(), "") << "not yet";
    driver.codec().sweep(start + one.patience, true);
    EXPECT_TRUE(driver.output().starts_with("HTTP/1.1 408 Request Timeout\r\n"));
    EXPECT_TRUE(
        driver.output().ends_with("{\"code\":4,\"message\":\"the request took too long\"}"));
    EXPECT_TRUE(driver.codec().finished());
  }
}

TEST(http1_codec_test, a_deadline_is_of_one_part_of_one_request) {
  const limits bounds;
  http1_driver driver;
  time_point now = start;
  for (const std::string& part :
       {std::string("PO"), post_head.substr(2) + "\r\na", "bc" + post_head, std::string("\r\n")}) {
    driver.feed(part);
    EXPECT_FALSE(driver.codec().idle());
    driver.codec().sweep(now, true);
    now += bounds.header_time - 1ms;
    driver.codec().sweep(now, true);
  }
  EXPECT_EQ(count(driver.output(), " 408 "), 0U);
}

TEST(http1_codec_test, nobody_is_late_while_nothing_is_owed_or_we_do_not_read) {
  http1_driver driver;
  for (const time_point now : {start, start + 1h}) driver.codec().sweep(now, true);
  EXPECT_TRUE(driver.codec().idle());
  driver.feed("G");
  EXPECT_FALSE(driver.codec().idle());
  driver.codec().sweep(start + 2h, true);
  driver.codec().sweep(start + 3h, false);
  driver.codec().sweep(start + 3h + 1s, true);
  EXPECT_EQ(driver.output(), "");
  driver.codec().sweep(start + 4h, true);
  EXPECT_EQ(count(driver.output(), " 408 "), 1U);
}

TEST(http1_codec_test, end_of_input_drops_half_a_request_and_answers_the_rest) {
  http1_driver driver({}, false);
  driver.feed(get_a + "GET /b");
  driver.codec().end_of_input();
  EXPECT_FALSE(driver.codec().finished());
  driver.answer(driver.requests()[0].id, "x");
  EXPECT_TRUE(driver.codec().finished());
  EXPECT_EQ(letters(driver.output()), "x");
}

TEST(http1_codec_test, fields_are_kept_and_joined) {
  http1_driver driver;
  driver.feed(
      "GET / HTTP/1.1\r\nHost: h\r\nAUTHORIZATION: \t Bearer a \r\nAuthorization: b\r\n\r\n" +
      get_a);
  EXPECT_EQ(driver.requests().at(0).authorization, "Bearer a, b");
  EXPECT_EQ(driver.requests().at(1).authorization, "") << "nothing is left of the request before";
}

}  // namespace
}  // namespace factord::protocol::testing::http1_codec_test

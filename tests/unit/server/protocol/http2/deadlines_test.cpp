#include <gtest/gtest.h>

#include <chrono>

#include "tests/unit/server/protocol/http2/driver.hpp"

namespace factord::protocol::testing::deadlines_test {
namespace {

using namespace std::chrono_literals;
const codec::time_point start{1h};

// Sweeps at the start and just before `patience` is over, then when it is.
void expect_patience(http2_driver& driver, http2_client& client,
                     std::chrono::milliseconds patience) {
  driver.codec().sweep(start, true);
  driver.codec().sweep(start + patience - 1ms, true);
  driver.talk(client);
  for (const auto& seen : driver.requests()) EXPECT_NE(seen.refused, 408U);
  EXPECT_FALSE(driver.codec().finished());
  driver.codec().sweep(start + patience, true);
  driver.talk(client);
}

TEST(http2_deadlines_test, a_slow_body_is_answered_408_and_others_go_on) {
  http2_driver driver;
  http2_client client;
  const auto slow = client.request("POST", "/slow", "a", {}, true);
  driver.talk(client);
  expect_patience(driver, client, limits{}.body_time);
  EXPECT_EQ(client.answer(slow).status(), "408");
  EXPECT_TRUE(client.answer(slow).closed);
  const auto other = client.request("GET", "/other");
  driver.talk(client);
  EXPECT_EQ(client.answer(other).status(), "200");
}

TEST(http2_deadlines_test, requests_on_other_streams_do_not_make_a_body_faster) {
  http2_driver driver;
  http2_client client;
  const auto slow = client.request("POST", "/slow", "a", {}, true);
  driver.talk(client);
  for (auto at = 0s; at <= 31s; at += 1s) {
    client.send(slow, "b", false);
    client.request("GET", "/other");
    driver.talk(client);
    driver.codec().sweep(start + at, true);
  }
  driver.talk(client);
  EXPECT_EQ(client.answer(slow).status(), "408");
}

TEST(http2_deadlines_test, a_message_stream_may_last_while_messages_come) {
  http2_driver driver;
  http2_client client;
  const auto id = client.request("POST", "/stream", "", {}, true);
  driver.talk(client);
  codec::time_point now = start;
  for (int i = 0; i < 5; ++i) {
    client.send(id, "x", false);
    driver.talk(client);
    driver.codec().sweep(now, true);
    now += limits{}.idle_time - 1ms;
    driver.codec().sweep(now, true);
  }
  driver.talk(client);
  EXPECT_FALSE(client.answer(id).closed);
  driver.codec().sweep(now + 1ms, true);
  driver.pump();
  EXPECT_EQ(driver.requests().back().refused, 408U);
}

TEST(http2_deadlines_test, a_client_that_opens_no_window_loses_its_stream) {
  http2_driver driver({}, false);
  http2_client client(false, {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 10}});
  const auto id = client.request("GET", "/");
  driver.talk(client);
  driver.answer(1, std::string(100, 'x'));
  driver.talk(client);
  EXPECT_EQ(client.answer(id).body.size(), 10U);
  expect_patience(driver, client, limits{}.write_time);
  EXPECT_TRUE(client.answer(id).closed);
  EXPECT_EQ(client.answer(id).code, NGHTTP2_CANCEL);
}

TEST(http2_deadlines_test, a_window_that_opens_a_little_is_progress) {
  http2_driver driver({}, false);
  http2_client client(false, {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1}});
  const auto id = client.request("GET", "/");
  driver.talk(client);
  driver.answer(1, "abcd");
  driver.talk(client);
  codec::time_point now = start;
  for (int i = 0; i < 3; ++i) {
    driver.codec().sweep(now, true);
    now += limits{}.write_time - 1ms;
    driver.codec().sweep(now, true);
    client.open_window(id, 1);
    driver.talk(client);
  }
  EXPECT_EQ(client.answer(id).body, "abcd");
}

struct cut {
  const char* name;
  std::string bytes;
  std::chrono::milliseconds patience;
};

// What ends in the middle of a frame has no stream to be answered on.
TEST(http2_deadlines_test, half_a_frame_ends_the_connection) {
  const std::string settings = http2_frame(NGHTTP2_SETTINGS, 0, 0);
  const std::string begun = std::string(http2_preface) + settings;
  const std::string block = "\x82\x86\x84\x01\x01h";
  const cut cases[] = {
      {"preface", std::string(http2_preface.substr(0, 10)), limits{}.header_time},
      {"frame header", begun + settings.substr(0, 5), limits{}.header_time},
      {"ping", begun + http2_frame(NGHTTP2_PING, 0, 0, "12345678").substr(0, 12),
       limits{}.header_time},
      {"header block", begun + http2_frame(NGHTTP2_HEADERS, 0, 1, block), limits{}.header_time},
      {"data",
       begun + http2_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 1, "\x83" + block) +
           http2_frame(NGHTTP2_DATA, 0, 1, "abc").substr(0, 10),
       limits{}.body_time},
  };
  for (const cut& one : cases) {
    SCOPED_TRACE(one.name);
    http2_driver driver;
    driver.feed(one.bytes);
    EXPECT_FALSE(driver.codec().idle());
    driver.codec().sweep(start, true);
    driver.codec().sweep(start + one.patience - 1ms, true);
    driver.pump();
    EXPECT_FALSE(driver.codec().finished());
    driver.codec().sweep(start + one.patience, true);
    driver.pump();
    EXPECT_TRUE(driver.codec().finished());
  }
}

TEST(http2_deadlines_test, continuations_do_not_make_a_header_faster) {
  http2_driver driver;
  driver.feed(std::string(http2_preface) + http2_frame(NGHTTP2_SETTINGS, 0, 0) +
              http2_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM, 1, "\x82\x86\x84\x01\x01h"));
  driver.codec().sweep(start, true);
  for (auto at = 1s; at < limits{}.header_time; at += 1s) {
    driver.feed(http2_frame(NGHTTP2_CONTINUATION, 0, 1));
    driver.codec().sweep(start + at, true);
    driver.pump();
    EXPECT_FALSE(driver.codec().finished());
  }
  driver.feed(http2_frame(NGHTTP2_CONTINUATION, 0, 1));
  driver.codec().sweep(start + limits{}.header_time, true);
  driver.pump();
  EXPECT_TRUE(driver.codec().finished());
}

TEST(http2_deadlines_test, nobody_is_late_while_we_do_not_read) {
  http2_driver driver;
  http2_client client;
  const auto id = client.request("POST", "/", "a", {}, true);
  driver.talk(client);
  driver.codec().sweep(start, true);
  driver.codec().sweep(start + 1h, false);
  driver.codec().sweep(start + 1h + 1s, true);
  driver.talk(client);
  EXPECT_FALSE(client.answer(id).closed);
  driver.codec().sweep(start + 2h, true);
  driver.talk(client);
  EXPECT_EQ(client.answer(id).status(), "408");
}

}  // namespace
}  // namespace factord::protocol::testing::deadlines_test

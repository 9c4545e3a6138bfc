#include <gtest/gtest.h>

#include <chrono>

#include "tests/unit/server/protocol/http2/driver.hpp"

namespace factord::protocol::testing::drain_test {
namespace {

using namespace std::chrono_literals;
constexpr std::int32_t every_stream = 0x7FFFFFFF;
const codec::time_point start{1h};

TEST(http2_drain_test, an_idle_connection_ends_with_two_goaways) {
  http2_driver driver;
  http2_client client;
  driver.talk(client);
  driver.codec().drain();
  driver.talk(client);
  EXPECT_FALSE(driver.codec().finished());
  // By hand: nghttp2 reads nothing more after a GOAWAY where no stream is open.
  driver.feed(http2_frame(NGHTTP2_PING, NGHTTP2_FLAG_ACK, 0, std::string(8, '\0')));
  client.feed(driver.take_sent());
  ASSERT_EQ(client.goaways.size(), 2U);
  EXPECT_EQ(client.goaways[0].last_id, every_stream);
  EXPECT_EQ(client.goaways[1].last_id, 0);
  EXPECT_EQ(client.goaways[0].code + client.goaways[1].code, NGHTTP2_NO_ERROR);
  EXPECT_TRUE(driver.codec().finished());
}

TEST(http2_drain_test, streams_that_were_on_their_way_are_answered) {
  http2_driver driver({}, false);
  http2_client client;
  const auto before = client.request("GET", "/before");
  driver.talk(client);
  const auto crossing = client.request("GET", "/crossing");
  const std::string on_its_way = client.output();
  driver.codec().drain();
  driver.feed(on_its_way);
  driver.talk(client);
  ASSERT_EQ(client.goaways.size(), 2U);
  EXPECT_EQ(client.goaways[1].last_id, crossing);
  EXPECT_FALSE(driver.codec().finished());
  driver.answer(1, "a");
  driver.answer(3, "b");
  driver.talk(client);
  EXPECT_EQ(client.answer(before).body + client.answer(crossing).body, "ab");
  EXPECT_TRUE(driver.codec().finished());
}

TEST(http2_drain_test, after_the_second_goaway_no_stream_is_taken) {
  http2_driver driver({}, false);
  http2_client client;
  client.request("GET", "/");
  driver.talk(client);
  driver.codec().drain();
  driver.talk(client);
  // A client that goes on nevertheless: all four fields are in the static or dynamic table.
  driver.feed(http2_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, 9,
                          "\x82\x86\x84\xbe"));
  EXPECT_EQ(driver.requests().size(), 1U);
  driver.answer(1, "a");
  driver.pump();
  EXPECT_TRUE(driver.codec().finished());
}

TEST(http2_drain_test, a_client_that_does_not_answer_the_ping_is_not_waited_for) {
  http2_driver driver;
  http2_client client;
  driver.talk(client);
  driver.codec().drain();
  driver.codec().sweep(start, true);
  driver.pump();
  driver.codec().sweep(start + 999ms, true);
  driver.pump();
  EXPECT_FALSE(driver.codec().finished());
  driver.codec().sweep(start + 1s, true);
  driver.pump();
  EXPECT_TRUE(driver.codec().finished());
}

TEST(http2_drain_test, a_client_that_goes_away_is_answered_and_left) {
  http2_driver driver({}, false);
  http2_client client;
  const auto id = client.request("GET", "/");
  client.go_away();
  driver.talk(client);
  EXPECT_FALSE(driver.codec().finished());
  driver.answer(1, "x");
  driver.talk(client);
  EXPECT_EQ(client.answer(id).body, "x");
  EXPECT_TRUE(driver.codec().finished());
}

// RFC 9113, section 6.8: nobody is left without a word.
TEST(http2_drain_test, whoever_is_left_is_told_so) {
  const std::pair<const char*, void (*)(http2_driver&, http2_client&)> ends[] = {
      {"its side is closed",
       [](http2_driver& driver, http2_client&) { driver.codec().end_of_input(); }},
      {"it goes away",
       [](http2_driver& driver, http2_client& client) {
         client.go_away();
         driver.feed(client.output());
       }},
      {"it breaks the rules", [](http2_driver& driver, http2_client&) {
         driver.feed(http2_frame(NGHTTP2_PING, 0, 0, "short"));
       }}};
  for (const auto& [name, end] : ends) {
    SCOPED_TRACE(name);
    http2_driver driver;
    http2_client client;
    const auto id = client.request("GET", "/");
    driver.talk(client);
    end(driver, client);
    driver.pump();
    client.feed(driver.take_sent());
    ASSERT_EQ(client.goaways.size(), 1U);
    EXPECT_EQ(client.goaways[0].last_id, id);
    EXPECT_TRUE(driver.codec().finished());
  }
}

TEST(http2_drain_test, the_word_comes_before_the_end_and_once) {
  http2_driver driver({}, false);
  http2_client client;
  client.request("GET", "/");
  driver.talk(client);
  driver.codec().end_of_input();
  driver.pump();
  EXPECT_EQ(driver.take_sent(), "") << "an answer is due";
  driver.answer(1, "a");
  EXPECT_FALSE(driver.codec().finished());
  driver.pump();
  EXPECT_TRUE(driver.codec().finished());
  client.feed(driver.take_sent());
  EXPECT_EQ(client.answer(1).body, "a");
  EXPECT_EQ(client.goaways.size(), 1U);
  driver.codec().drain();
  driver.pump();
  EXPECT_EQ(driver.take_sent(), "");
}

}  // namespace
}  // namespace factord::protocol::testing::drain_test

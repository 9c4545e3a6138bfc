// Answers in parts over HTTP/1.1: chunks (RFC 9112, section 7.1), each in the turn of its request.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/unit/server/protocol/http1/driver.hpp"

namespace factord::protocol::testing::parts_test {
namespace {

const std::string get_a = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

class http1_parts : public ::testing::Test {
 protected:
  void send_part(std::uint64_t id, std::string_view body, bool more) {
    response part;
    part.content_type = "text/plain";
    part.body = body;
    part.more = more;
    driver_.codec().respond(id, part);
  }

  // What came since the last look.
  std::string fresh() { return std::exchange(driver_.codec().output(), {}); }

  std::uint64_t id(std::size_t nth) { return driver_.requests().at(nth).id; }

  http1_driver driver_{{}, false};
};

TEST_F(http1_parts, are_chunks_behind_one_header) {
  driver_.feed(get_a);
  send_part(id(0), "0123456789abcdef!", true);
  const std::string begun = fresh();
  EXPECT_TRUE(begun.starts_with("HTTP/1.1 200 OK\r\n")) << begun;
  EXPECT_NE(begun.find("Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"),
            begun.npos);
  EXPECT_EQ(begun.find("Content-Length"), begun.npos);
  EXPECT_TRUE(begun.ends_with("\r\n\r\n11\r\n0123456789abcdef!\r\n")) << begun;
  send_part(id(0), "b", true);
  EXPECT_EQ(fresh(), "1\r\nb\r\n");
  // A part of nothing is no chunk: that would be the end.
  send_part(id(0), "", true);
  EXPECT_EQ(fresh(), "");
  EXPECT_TRUE(driver_.codec().awaits(id(0)));
  send_part(id(0), "c", false);
  EXPECT_EQ(fresh(), "1\r\nc\r\n0\r\n\r\n");
  EXPECT_FALSE(driver_.codec().awaits(id(0)));
}

TEST_F(http1_parts, the_connection_goes_on_behind_them) {
  driver_.feed(get_a + get_a);
  send_part(id(0), "a", true);
  driver_.answer(id(1), "whole");
  EXPECT_EQ(count(fresh(), "HTTP/1.1 200"), 1U);
  EXPECT_GT(driver_.codec().held_bytes(), 0U);
  send_part(id(0), "", false);
  const std::string rest = fresh();
  EXPECT_TRUE(rest.starts_with("0\r\n\r\nHTTP/1.1 200 OK\r\n")) << rest;
  EXPECT_TRUE(rest.ends_with("Content-Length: 5\r\n\r\nwhole")) << rest;
  driver_.feed(get_a);
  driver_.answer(id(2), "next");
  EXPECT_TRUE(fresh().ends_with("\r\n\r\nnext"));
}

TEST_F(http1_parts, wait_for_their_turn_and_go_on_in_it) {
  driver_.feed(get_a + get_a + get_a);
  send_part(id(1), "b", true);
  send_part(id(1), "c", true);
  driver_.answer(id(2), "last");
  EXPECT_EQ(fresh(), "");
  driver_.answer(id(0), "first");
  const std::string two = fresh();
  EXPECT_EQ(count(two, "HTTP/1.1 200"), 2U);
  EXPECT_TRUE(two.ends_with("1\r\nb\r\n1\r\nc\r\n")) << two;
  send_part(id(1), "d", true);
  EXPECT_EQ(fresh(), "1\r\nd\r\n");
  send_part(id(1), "e", false);
  EXPECT_TRUE(fresh().starts_with("1\r\ne\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n"));
}

// Those that are ended before their turn are as whole as any.
TEST_F(http1_parts, ended_before_their_turn) {
  driver_.feed(get_a + get_a + get_a);
  send_part(id(1), "b", true);
  send_part(id(1), "c", false);
  driver_.answer(id(2), "last");
  driver_.answer(id(0), "first");
  const std::string all = fresh();
  EXPECT_EQ(count(all, "HTTP/1.1 200"), 3U);
  EXPECT_NE(all.find("1\r\nb\r\n1\r\nc\r\n0\r\n\r\nHTTP/1.1 200 OK"), all.npos) << all;
}

TEST_F(http1_parts, that_are_under_way_are_ended_before_the_connection_is) {
  driver_.feed(get_a);
  send_part(id(0), "a", true);
  driver_.codec().drain();
  EXPECT_FALSE(driver_.codec().finished());
  (void)fresh();
  send_part(id(0), "b", false);
  EXPECT_EQ(fresh(), "1\r\nb\r\n0\r\n\r\n");
  EXPECT_TRUE(driver_.codec().finished());
}

TEST_F(http1_parts, no_client_of_http_1_0_takes_them) {
  http1_codec& codec = driver_.codec();
  ASSERT_EQ(codec.receive("GET /a HTTP/1.0\r\n\r\n"), 19U);
  EXPECT_FALSE(codec.next()->takes_parts);
  http1_driver other({}, false);
  ASSERT_EQ(other.codec().receive(get_a), get_a.size());
  EXPECT_TRUE(other.codec().next()->takes_parts);
}

}  // namespace
}  // namespace factord::protocol::testing::parts_test

#include <gtest/gtest.h>

#include "tests/unit/server/net/server_fixture.hpp"

namespace factord::net::testing::limits_test {
namespace {

using limits_test = server_fixture;
using std::chrono::milliseconds;

TEST_F(limits_test, one_connection_more_is_told_so) {
  limits bounds;
  bounds.connections = 2;
  start(bounds);
  client first = connect();
  client second = connect();
  first.send(healthz);
  second.send(healthz);
  EXPECT_TRUE(first.receive_until("\r\n\r\nok").ends_with("ok"));
  EXPECT_TRUE(second.receive_until("\r\n\r\nok").ends_with("ok"));

  client third = connect();
  third.send(healthz);
  const std::string answer = third.receive_all();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 ")) << answer;
  EXPECT_EQ(count(answer, "Retry-After: 1\r\n"), 1U);
  EXPECT_EQ(count(answer, "Connection: close\r\n"), 1U);
  EXPECT_EQ(count(answer, "\"code\":14"), 1U);

  client admin = connect_admin();
  admin.send("GET /admin/v1/stats HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(admin.receive_all().starts_with("HTTP/1.1 200 ")) << "operators get in";
}

TEST_F(limits_test, a_place_is_free_again_after_a_close) {
  limits bounds;
  bounds.connections = 1;
  start(bounds);
  for (int i = 0; i < 20; ++i) {
    client peer = connect();
    peer.send("GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    // The server gives the place back a moment after the client has seen the end.
    const std::string answer = peer.receive_all();
    EXPECT_TRUE(answer.ends_with("ok") || answer.starts_with("HTTP/1.1 503 ")) << answer;
    EXPECT_TRUE(i > 0 || answer.ends_with("ok"));
  }
}

TEST_F(limits_test, half_a_header_and_half_a_body_time_out) {
  limits bounds;
  bounds.header_time = bounds.body_time = milliseconds{40};
  start(bounds);
  for (const std::string half :
       {"GET / HTTP/1.1\r\nHos", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab"}) {
    client peer = connect();
    peer.send(half);
    const std::string answer = peer.receive_all();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n")) << answer;
    EXPECT_EQ(count(answer, "\"code\":4"), 1U);
  }
}

TEST_F(limits_test, bytes_that_trickle_do_not_move_the_deadline) {
  limits bounds;
  bounds.header_time = milliseconds{40};
  bounds.discard_time = milliseconds{40};
  start(bounds);
  client peer = connect();
  peer.send("GET / HTTP/1.1\r\nX: ");
  std::thread sender([&peer] {
    while (peer.send("x")) std::this_thread::sleep_for(milliseconds{1});
  });
  EXPECT_TRUE(peer.receive_until("late").starts_with("HTTP/1.1 408 "));
  sender.join();
}

TEST_F(limits_test, an_idle_connection_is_closed_without_a_word) {
  limits bounds;
  bounds.idle_time = milliseconds{40};
  start(bounds);
  client peer = connect();
  EXPECT_EQ(peer.receive_all(), "");
  client used = connect();
  used.send(healthz);
  EXPECT_EQ(count(used.receive_all(), "HTTP/1.1 "), 1U);
}

TEST_F(limits_test, who_does_not_read_is_closed) {
  limits bounds;
  bounds.write_time = milliseconds{40};
  start(bounds);
  client peer = connect();
  std::string many;
  for (int i = 0; i < 1000; ++i) many += healthz;
  while (peer.send(many)) {
  }
  SUCCEED() << "the server closed";
}

TEST_F(limits_test, the_fullest_is_closed_when_all_buffers_are_full) {
  limits bounds;
  bounds.all_buffers_bytes = 128U << 10U;
  bounds.body_bytes = 1U << 20U;
  start(bounds, 1);
  client small = connect();
  small.send(healthz);
  EXPECT_TRUE(small.receive_until("\r\n\r\nok").ends_with("ok"));
  client large = connect();
  large.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1048576\r\n\r\n");
  const std::string part(64U << 10U, 'x');
  bool open = true;
  for (int i = 0; i < 15 && open; ++i) open = large.send(part);
  EXPECT_EQ(large.receive_all(), "");
  small.send(healthz);
  EXPECT_TRUE(small.receive_until("\r\n\r\nok").ends_with("ok")) << "the others go on";
}

}  // namespace
}  // namespace factord::net::testing::limits_test

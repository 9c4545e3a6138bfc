#include <gtest/gtest.h>

#include "tests/unit/server/net/server_fixture.hpp"

namespace factord::net::testing::connection_test {
namespace {

using connection_test = server_fixture;

TEST_F(connection_test, stays_open_between_requests) {
  start();
  client peer = connect();
  for (int i = 0; i < 3; ++i) {
    peer.send(healthz);
    EXPECT_TRUE(peer.receive_until("\r\n\r\nok").ends_with("ok"));
  }
}

TEST_F(connection_test, answers_everything_pipelined_before_the_sending_half_was_closed) {
  start();
  const std::string token = create_token();
  client peer = connect();
  std::string requests;
  for (int i = 0; i < 300; ++i) requests += removal(token);
  peer.send(requests + "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\nGET /half");
  peer.close_sending_half();
  const std::string answers = peer.receive_all();
  EXPECT_EQ(count(answers, "HTTP/1.1 404 "), 300U);
  EXPECT_TRUE(answers.ends_with("ok")) << "and the read came last";
}

TEST_F(connection_test, an_error_is_answered_and_read_out) {
  start();
  client peer = connect();
  // More than the socket buffers hold would be reset if the server did not go on reading.
  peer.send("BAD\r\n\r\n" + std::string(100'000, 'x'));
  const std::string answer = peer.receive_all();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 Bad Request\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with("}"));
}

TEST_F(connection_test, what_is_thrown_away_after_an_error_is_bounded) {
  limits bounds;
  bounds.discard_bytes = 64U << 10U;
  start(bounds);
  client peer = connect();
  peer.send("BAD\r\n\r\n");
  const std::string more(64U << 10U, 'x');
  while (peer.send(more)) {
  }
  SUCCEED() << "the server closed";
}

TEST_F(connection_test, a_client_that_leaves_takes_nothing_with_it) {
  start();
  const std::string token = create_token();
  engine_.delay_commits(std::chrono::milliseconds{20});
  for (int i = 0; i < 20; ++i) {
    client peer = connect();
    peer.send(creation(token, i));
  }
  client last = connect();
  last.send(creation(token, 100));
  EXPECT_TRUE(last.receive_until("\r\n\r\n").starts_with("HTTP/1.1 201 "));
}

TEST_F(connection_test, a_slow_reader_gets_every_byte) {
  limits bounds;
  bounds.output_bytes = 4096;
  start(bounds);
  client peer = connect();
  constexpr std::size_t requests = 20'000;
  std::thread sender([&peer] {
    std::string all;
    for (std::size_t i = 0; i < requests; ++i) all += healthz;
    peer.send(all);
    peer.close_sending_half();
  });
  const std::string answers = peer.receive_all();
  sender.join();
  EXPECT_EQ(count(answers, "\r\n\r\nok"), requests);
}

TEST_F(connection_test, many_at_once_on_all_shards) {
  start({}, 3);
  const std::string token = create_token();
  std::vector<std::thread> threads;
  std::atomic<std::size_t> answered = 0;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([this, &token, &answered] {
      client peer = connect();
      for (int i = 0; i < 50; ++i) {
        peer.send(removal(token));
        answered += count(peer.receive_until("}]}"), "HTTP/1.1 404 ");
      }
    });
  }
  for (std::thread& one : threads) one.join();
  EXPECT_EQ(answered, 400U);
}

TEST_F(connection_test, the_surfaces_are_apart) {
  start();
  client peer = connect();
  peer.send("GET /admin/v1/stats HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(peer.receive_all().starts_with("HTTP/1.1 404 "));
  client admin = connect_admin();
  admin.send("GET /admin/v1/stats HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(admin.receive_all().starts_with("HTTP/1.1 200 "));
}

}  // namespace
}  // namespace factord::net::testing::connection_test

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

#include "tests/unit/server/net/server_fixture.hpp"

namespace factord::net::testing::shutdown_test {
namespace {

using shutdown_test = server_fixture;
using std::chrono::milliseconds;

TEST_F(shutdown_test, idle_connections_are_closed) {
  start();
  client peer = connect();
  peer.send(healthz);
  (void)peer.receive_until("\r\n\r\nok");
  EXPECT_EQ(stop(), run_end::drained);
  EXPECT_EQ(server_->state().get(), readiness::draining);
  EXPECT_EQ(peer.receive_all(), "");
}

TEST_F(shutdown_test, what_is_in_flight_is_answered) {
  start();
  const std::string token = create_token();
  engine_.delay_commits(milliseconds{100});
  client peer = connect();
  peer.send(creation(token, 1) + creation(token, 2));
  client other = connect();
  other.send(creation(token, 3));
  (void)other.receive_until("\r\n\r\n");
  // The commit of these, if they are read in time, is under way when the drain begins.
  peer.send(creation(token, 4) + creation(token, 5));
  EXPECT_EQ(stop(), run_end::drained);
  const std::string answers = peer.receive_all();
  const std::size_t created = count(answers, "HTTP/1.1 201 ");
  EXPECT_EQ(created, count(answers, "HTTP/1.1 ")) << answers;
  EXPECT_TRUE(created == 2 || created == 4) << created;
}

TEST_F(shutdown_test, a_request_that_has_begun_may_end) {
  limits bounds;
  bounds.discard_time = milliseconds{40};  // this client does not close when the server does
  start(bounds);
  client peer = connect();
  peer.send("GET /healthz HTTP/1.1\r\nHost: h\r\nX: 1");
  client probe = connect();  // accepted after it
  probe.send(healthz);
  (void)probe.receive_until("\r\n\r\nok");
  server_->request_stop();
  (void)probe.receive_all();  // closed: the drain has come this far
  peer.send("\r\n\r\n");
  const std::string answer = peer.receive_all();
  EXPECT_TRUE(answer.ends_with("ok")) << answer;
  EXPECT_EQ(count(answer, "Connection: close\r\n"), 1U);
  EXPECT_EQ(wait(), run_end::drained);
}

TEST_F(shutdown_test, who_does_not_finish_is_cut) {
  limits bounds;
  bounds.drain_time = milliseconds{50};
  start(bounds);
  client peer = connect();
  peer.send("GET /healthz HTTP/1.1\r\n");
  client probe = connect();
  probe.send(healthz);
  (void)probe.receive_until("\r\n\r\nok");
  EXPECT_EQ(stop(), run_end::drained);
  EXPECT_EQ(peer.receive_all(), "");
}

// The shard goes on while the engine reads a range for it, and is there until all of them are read,
// though the connection that asked was cut.
TEST_F(shutdown_test, a_range_that_is_read_late_finds_its_shard) {
  limits bounds;
  bounds.drain_time = milliseconds{50};
  start(bounds, 1);
  const std::string token = create_token();
  std::latch may_go_on{1};
  engine_.read_events(0, 1, [&may_go_on](const auto&) {
    may_go_on.wait();
    // So that a server that does not wait is gone before this is over.
    std::this_thread::sleep_for(milliseconds{100});
  });

  client peer = connect();
  peer.send(healthz + "GET /v2/events HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + token +
            "\r\n\r\n");
  (void)peer.receive_until("\r\n\r\nok");
  client other = connect();
  other.send(healthz);
  EXPECT_TRUE(other.receive_until("\r\n\r\nok").ends_with("ok"));

  std::atomic<bool> all_read{false};
  engine_.read_events(0, 1, [&all_read](const auto&) { all_read = true; });
  server_->request_stop();
  EXPECT_EQ(peer.receive_all(), "") << "cut: nothing was read for it";
  may_go_on.count_down();
  EXPECT_EQ(wait(), run_end::drained);
  EXPECT_TRUE(all_read);
}

TEST_F(shutdown_test, a_failed_store_is_told_and_ends_the_process) {
  start();
  const std::string token = create_token();
  engine_.fail_commit(1);
  client peer = connect();
  peer.send(creation(token, 1));
  const std::string failed = peer.receive_until("unknown\"");
  EXPECT_TRUE(failed.starts_with("HTTP/1.1 500 ")) << failed;
  EXPECT_EQ(count(failed, "\"code\":13"), 1U);

  peer.send(removal(token) + "GET /readyz HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string later = peer.receive_all();
  EXPECT_EQ(count(later, "HTTP/1.1 503 "), 2U) << later;
  EXPECT_EQ(count(later, "\"code\":14"), 1U);
  EXPECT_EQ(wait(), run_end::storage_failed);
  EXPECT_EQ(server_->state().get(), readiness::storage_failed);
}

TEST_F(shutdown_test, a_store_that_fails_while_idle_ends_the_process) {
  start();
  const std::string token = create_token();
  client peer = connect();
  peer.send(healthz);
  (void)peer.receive_until("\r\n\r\nok");
  engine_.fail_in_background();
  while (server_->state().get() != readiness::storage_failed) std::this_thread::yield();
  peer.send("GET /readyz HTTP/1.1\r\nHost: h\r\n\r\n" + removal(token));
  const std::string told = peer.receive_all();
  EXPECT_EQ(count(told, "HTTP/1.1 503 "), 2U) << told;
  EXPECT_EQ(wait(), run_end::storage_failed);
}

}  // namespace
}  // namespace factord::net::testing::shutdown_test

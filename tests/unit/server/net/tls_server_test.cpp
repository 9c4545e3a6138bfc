#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <thread>
#include <vector>

#include "tests/support/tls_peer.hpp"
#include "tests/unit/server/net/server_fixture.hpp"

namespace factord::net::testing::tls_server_test {
namespace {

using factord::testing::make_certificate;
using factord::testing::tls_peer;
using protocol::tls_context;
using protocol::tls_files;

/// Sends one request over a new connection and returns the answer, up to the end of its header;
/// empty where anything fails.
std::string ask_over_tls(client& connection, std::string_view request) {
  tls_peer peer;
  while (!peer.handshake()) {
    if (peer.failed() || !connection.send(peer.output())) return {};
    const std::string got = connection.receive_some();
    if (got.empty()) return {};
    peer.feed(got);
  }
  peer.write(request);
  if (!connection.send(peer.output())) return {};
  std::string answer;
  while (answer.find("\r\n\r\n") == std::string::npos) {
    const std::string got = connection.receive_some();
    if (got.empty()) return {};
    peer.feed(got);
    answer += peer.read();
  }
  return answer;
}

/// The whole server with TLS, over the memory engine, so that ThreadSanitizer sees it.
class tls_server_test : public server_fixture {
 protected:
  void start_tls(const limits& bounds = {}) {
    files_ = make_certificate(files_directory_.path(), "server");
    start(bounds, 2, tls_context::load(files_).value());
  }

  const temp_directory files_directory_;
  tls_files files_;
};

TEST_F(tls_server_test, answers_over_tls_and_not_without) {
  start_tls();
  client good = connect();
  EXPECT_TRUE(ask_over_tls(good, healthz).starts_with("HTTP/1.1 200 "));
  client bad = connect();
  bad.send(healthz);
  EXPECT_EQ(bad.receive_all().find("HTTP"), std::string::npos);
  EXPECT_EQ(stop(), run_end::drained);
}

TEST_F(tls_server_test, the_admin_socket_stays_plain) {
  start_tls();
  EXPECT_FALSE(create_token().empty());
}

TEST_F(tls_server_test, a_handshake_has_a_deadline) {
  limits bounds;
  bounds.tls_handshake_time = std::chrono::milliseconds{50};
  start_tls(bounds);
  client silent = connect();
  client slow = connect();
  tls_peer peer;
  peer.handshake();
  slow.send(peer.output().substr(0, 20));
  EXPECT_EQ(silent.receive_all(), "");
  EXPECT_EQ(slow.receive_all(), "");
  client good = connect();
  EXPECT_TRUE(ask_over_tls(good, healthz).starts_with("HTTP/1.1 200 "));
}

TEST_F(tls_server_test, hangups_under_load_lose_no_connection) {
  start_tls();
  constexpr int clients = 4;
  constexpr int rounds = 15;
  std::atomic<int> answered = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < clients; ++i) {
    threads.emplace_back([this, &answered] {
      for (int round = 0; round < rounds; ++round) {
        client one = connect();
        answered += ask_over_tls(one, healthz).starts_with("HTTP/1.1 200 ") ? 1 : 0;
      }
    });
  }
  for (int i = 0; answered < clients * rounds / 2 && i < 1000; ++i) {
    // Every other time there is nothing good to read.
    if (i % 2 == 0) make_certificate(files_directory_.path(), "server");
    if (i % 2 == 1) std::ofstream(files_.key) << "garbage";
    server_->request_reload();
    ::usleep(2000);
  }
  for (std::thread& one : threads) one.join();
  EXPECT_EQ(answered, clients * rounds);
  EXPECT_EQ(stop(), run_end::drained);
}

}  // namespace
}  // namespace factord::net::testing::tls_server_test

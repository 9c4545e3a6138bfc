#include "tools/factorload/load_run.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace factord::load::load_run_test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// A server on 127.0.0.1, a thread for each connection, that keeps which requests it got.
class stub_server {
 public:
  // Each connection gets this many answers, then it is closed without another.
  explicit stub_server(std::size_t answers_per_connection = SIZE_MAX)
      : acceptor_(context_, {asio::ip::address_v4::loopback(), 0}),
        answers_per_connection_(answers_per_connection),
        accepting_([this] { accept_all(); }) {}

  ~stub_server() {
    stopping_ = true;
    // Wakes accept().
    tcp::socket last{context_};
    last.connect(acceptor_.local_endpoint());
    accepting_.join();
    for (std::thread& each : serving_) each.join();
  }
  stub_server(const stub_server&) = delete;
  stub_server& operator=(const stub_server&) = delete;

  [[nodiscard]] load_options options(std::uint64_t users) const {
    load_options options;
    options.server = {"127.0.0.1", std::to_string(acceptor_.local_endpoint().port()), {}, false};
    options.token = "t";
    options.ids = *id_range::make("1", users);
    options.connections = 4;
    return options;
  }

  // How often each request line came.
  [[nodiscard]] std::map<std::string, int> requests() {
    const std::lock_guard lock{mutex_};
    return requests_;
  }

 private:
  void accept_all() {
    while (true) {
      tcp::socket peer = acceptor_.accept();
      if (stopping_) return;
      serving_.emplace_back([this, peer = std::move(peer)]() mutable { serve(peer); });
    }
  }

  void serve(tcp::socket& peer) {
    std::string input;
    boost::system::error_code ended;
    for (std::size_t answered = 0;; ++answered) {
      const std::size_t size =
          asio::read_until(peer, asio::dynamic_buffer(input), "\r\n\r\n", ended);
      if (ended || answered == answers_per_connection_) return;
      {
        const std::lock_guard lock{mutex_};
        ++requests_[input.substr(0, input.find(" HTTP/1.1"))];
      }
      input.erase(0, size);
      asio::write(peer, asio::buffer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 40), ended);
    }
  }

  asio::io_context context_;
  tcp::acceptor acceptor_;
  const std::size_t answers_per_connection_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::map<std::string, int> requests_;  ///< guarded by mutex_
  std::vector<std::thread> serving_;
  std::thread accepting_;
};

std::uint64_t removed(const load_result& outcome) {
  return outcome.counts.succeeded[static_cast<std::size_t>(operation::remove)];
}

void expect_each_removed_once(const std::map<std::string, int>& requests, std::size_t users) {
  EXPECT_EQ(requests.size(), users);
  for (const auto& [line, count] : requests) {
    EXPECT_EQ(count, 1) << line;
    EXPECT_TRUE(line.starts_with("DELETE /v2/users/")) << line;
  }
}

TEST(load_run, closed_loop_removes_each_id_once) {
  for (const std::uint64_t threads : {1U, 3U}) {
    for (const std::uint64_t pipeline : {1U, 7U}) {
      stub_server server;
      auto options = server.options(1'000);
      options.threads = threads;
      options.pipeline = pipeline;
      const auto outcome = run_load(options);
      ASSERT_TRUE(outcome);
      EXPECT_EQ(removed(*outcome), 1'000U);
      EXPECT_EQ(outcome->counts.sent, 1'000U);
      EXPECT_EQ(outcome->counts.errors(), 0U);
      EXPECT_EQ(outcome->counts.reconnects, 0U);
      expect_each_removed_once(server.requests(), 1'000);
    }
  }
}

TEST(load_run, open_loop_removes_each_id_once) {
  stub_server server;
  auto options = server.options(500);
  options.rate = 5'000;
  options.threads = 2;
  const auto outcome = run_load(options);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(removed(*outcome), 500U);
  EXPECT_EQ(outcome->counts.errors(), 0U);
  expect_each_removed_once(server.requests(), 500);
  // The last of 500 at 5,000/s is due after 99.8 ms: never sooner, however fast the server.
  EXPECT_GE(outcome->elapsed, std::chrono::milliseconds{99});
}

TEST(load_run, open_loop_sends_what_was_due_within_its_time) {
  stub_server server;
  auto options = server.options(1'000'000);
  options.rate = 1'000;
  options.duration_seconds = 1;
  const auto outcome = run_load(options);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(removed(*outcome), 1'000U);
  EXPECT_EQ(outcome->counts.errors(), 0U);
}

TEST(load_run, cycle_adds_what_it_removed) {
  stub_server server;
  auto options = server.options(10);
  options.mode = load_mode::cycle;
  options.duration_seconds = 1;
  options.pipeline = 2;
  options.threads = 2;
  const auto outcome = run_load(options);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->counts.errors(), 0U);
  EXPECT_GT(removed(*outcome), 10U);
  const auto requests = server.requests();
  EXPECT_EQ(requests.size(), 20U);
  for (int id = 1; id <= 10; ++id) {
    const std::string path = " /v2/users/" + std::to_string(id) + "/otp_email";
    const int removals = requests.at("DELETE" + path);
    const int additions = requests.at("POST" + path);
    // The time may be up between the two.
    EXPECT_TRUE(additions == removals || additions == removals - 1) << id;
  }
}

TEST(load_run, counts_what_a_closed_connection_did_not_answer) {
  stub_server server{50};
  auto options = server.options(1'000);
  options.connections = 2;
  const auto outcome = run_load(options);
  ASSERT_TRUE(outcome);
  const tally& counts = outcome->counts;
  EXPECT_EQ(counts.sent, 1'000U);
  EXPECT_EQ(counts.answers + counts.unanswered, 1'000U);
  // Of every 51 requests on a connection the last got no answer.
  EXPECT_GE(counts.unanswered, 1'000U / 51 - 1);
  EXPECT_LE(counts.unanswered, 1'000U / 51 + 1);
  EXPECT_GE(counts.reconnects, counts.unanswered - 2);
}

TEST(load_run, fails_where_nobody_listens) {
  load_options options;
  {
    const stub_server gone;
    options = gone.options(1);
  }
  const auto outcome = run_load(options);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::unavailable);
}

}  // namespace
}  // namespace factord::load::load_run_test

// A server inside another process, which keeps what is its own: its signals, its files' mode, its
// log. What a program does with them is in server/process.hpp.
#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <future>
#include <iterator>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/base/log.hpp"
#include "server/net/runtime.hpp"
#include "storage/rocksdb/store.hpp"
#include "tests/unit/server/net/client.hpp"
#include "tests/unit/support/temp_directory.hpp"

namespace factord::embedded_test {
namespace {

using net::testing::client;

std::string post(std::string_view path, std::string_view headers, const std::string& body) {
  return "POST " + std::string{path} + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" +
         std::string{headers} + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

/// A server on a store of its own, from its open to its close.
class embedded_server {
 public:
  explicit embedded_server(const std::filesystem::path& dir)
      : dir_(dir), lock_(storage::directory_lock::take(dir).value()) {
    store_ = storage::open_store(dir, lock_, {}).value();
    net::runtime_options options;
    options.admin_directory_fd = lock_.fd();
    options.threads = 2;
    std::promise<std::uint16_t> announced;
    options.announce = [&announced](const net::listen_address& at) {
      if (!at.is_unix()) announced.set_value(at.port);
    };
    server_ = std::make_unique<net::runtime>(*store_, std::move(options));
    const std::array anywhere{net::parse_listen_address("127.0.0.1:0").value(),
                              net::parse_listen_address("unix:" + unix_path()).value()};
    server_->listen(net::listening_sockets::open(anywhere, dir).value()).value();
    end_ = std::async(std::launch::async, [this] { return server_->run(); });
    port_ = announced.get_future().get();
  }

  /// What it answers over TCP and over its Unix socket, which is the same.
  [[nodiscard]] std::string ask(const std::string& request) const {
    client peer(port_);
    peer.send(request);
    return peer.receive_all();
  }
  [[nodiscard]] std::string ask_unix(const std::string& request) const {
    client peer(unix_path());
    peer.send(request);
    return peer.receive_all();
  }
  [[nodiscard]] std::string ask_admin(const std::string& request) const {
    client peer((dir_ / "admin.sock").string());
    peer.send(request);
    return peer.receive_all();
  }
  /// Sends it more than it can answer at once and goes without a look at it.
  void ask_and_leave() const {
    client peer(port_);
    std::string many;
    for (int i = 0; i < 500; ++i) many += "GET /readyz HTTP/1.1\r\nHost: h\r\n\r\n";
    peer.send(many);
  }
  /// A token, a user of this name with the factor.
  [[nodiscard]] std::string add_user(const std::string& id) const {
    const std::string made =
        ask_admin(post("/admin/v1/tokens", {}, R"({"userId":"admin","roles":["IAM_OWNER"]})"));
    const std::string mark = "\"token\":\"";
    const auto begin = made.find(mark) + mark.size();
    const std::string token = made.substr(begin, made.find('"', begin) - begin);
    const std::string headers = "Authorization: Bearer " + token + "\r\n";
    EXPECT_EQ(status(ask(post("/v2/users/human", headers,
                              R"({"userId":")" + id +
                                  R"(","organization":{"orgId":"o"},)"
                                  R"("profile":{"givenName":"A","familyName":"B"},)"
                                  R"("email":{"email":")" +
                                  id + R"(@example.com","isVerified":true}})"))),
              "201");
    EXPECT_EQ(status(ask(post("/v2/users/" + id + "/otp_email", headers, {}))), "200");
    return token;
  }
  [[nodiscard]] static std::string removal(const std::string& id, const std::string& token) {
    return "DELETE /v2/users/" + id +
           "/otp_email HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAuthorization: Bearer " + token +
           "\r\n\r\n";
  }
  [[nodiscard]] static std::string status(const std::string& answer) {
    return answer.substr(0, 9) == "HTTP/1.1 " ? answer.substr(9, 3) : answer;
  }

  [[nodiscard]] net::runtime& server() { return *server_; }
  net::run_end stop() {
    server_->request_stop();
    return end_.get();
  }

 private:
  [[nodiscard]] std::string unix_path() const { return (dir_ / "api.sock").string(); }

  const std::filesystem::path dir_;
  const storage::directory_lock lock_;
  std::unique_ptr<storage::engine> store_;
  std::unique_ptr<net::runtime> server_;
  std::future<net::run_end> end_;
  std::uint16_t port_ = 0;
};

const std::string readyz = "GET /readyz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all{"/proc/self/fd"};
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// What of the process a server might have changed.
struct surroundings {
  static surroundings look() {
    surroundings found;
    found.mode = ::umask(0);
    ::umask(found.mode);
    sigset_t blocked;
    ::pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
    for (int signal = 1; signal < NSIG; ++signal) {
      struct sigaction now {};
      // Two are libc's own.
      if (::sigaction(signal, nullptr, &now) != 0) continue;
      found.handlers.push_back(reinterpret_cast<std::uintptr_t>(now.sa_handler));
      found.blocked.push_back(::sigismember(&blocked, signal) == 1);
    }
    found.directory = std::filesystem::current_path();
    found.protobuf_log = google::protobuf::SetLogHandler(nullptr);
    google::protobuf::SetLogHandler(found.protobuf_log);
    return found;
  }
  bool operator==(const surroundings&) const = default;

  mode_t mode = 0;
  std::vector<std::uintptr_t> handlers;
  std::vector<bool> blocked;
  std::filesystem::path directory;
  google::protobuf::LogHandler* protobuf_log = nullptr;
};

/// A process that has a log of its own, files for everybody, and dies of a pipe that is closed.
class embedding : public ::testing::Test {
 protected:
  embedding() {
    log::set_sink([this](log::level, std::string_view line) {
      const std::lock_guard lock{mutex_};
      lines_.emplace_back(line);
      return true;
    });
  }
  ~embedding() override {
    log::set_sink({});
    ::umask(mode_);
    std::signal(SIGPIPE, pipe_);
  }

  [[nodiscard]] std::vector<std::string> lines() const {
    const std::lock_guard lock{mutex_};
    return lines_;
  }

  const temp_directory one_;
  const temp_directory other_;

 private:
  const mode_t mode_ = ::umask(022);
  void (*const pipe_)(int) = std::signal(SIGPIPE, SIG_DFL);
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

TEST_F(embedding, a_server_starts_and_stops_twice_and_leaves_the_process_as_it_was) {
  const surroundings before = surroundings::look();
  ::testing::internal::CaptureStderr();
  std::array<std::size_t, 3> descriptors{};
  for (std::size_t round = 0; round < descriptors.size(); ++round) {
    {
      embedded_server server(one_.path());
      EXPECT_EQ(server.status(server.ask(readyz)), "200");
      EXPECT_EQ(server.status(server.ask_unix(readyz)), "200");
      for (int i = 0; i < 20; ++i) server.ask_and_leave();
      const std::string id = "user-" + std::to_string(round);
      const std::string token = server.add_user(id);
      const std::string again = server.removal(id, token);
      EXPECT_EQ(server.status(server.ask(again)), "200");
      EXPECT_EQ(server.status(server.ask_unix(again)), "404");
      // What an earlier one has done, this one knows.
      EXPECT_EQ(server.status(server.ask(server.removal("user-0", token))), "404");
      server.server().request_reload();
      EXPECT_TRUE(surroundings::look() == before) << "while it runs";
      EXPECT_EQ(server.stop(), net::run_end::drained);
    }
    EXPECT_TRUE(surroundings::look() == before);
    EXPECT_FALSE(std::filesystem::exists(one_.path() / "api.sock"));
    descriptors[round] = open_descriptors();
  }
  EXPECT_EQ(descriptors[1], descriptors[0]) << "what the first one opened for the process stays";
  EXPECT_EQ(descriptors[2], descriptors[0]);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "") << "not its own to write to";
  const auto told = lines();
  EXPECT_EQ(std::ranges::count_if(
                told, [](const auto& line) { return line.find("no certificate") != line.npos; }),
            3);
}

TEST_F(embedding, two_servers_at_once_do_not_know_of_each_other) {
  auto one = std::make_unique<embedded_server>(one_.path());
  embedded_server other(other_.path());
  const std::string of_one = one->add_user("1");
  const std::string of_other = other.add_user("1");
  EXPECT_EQ(one->status(one->ask(one->removal("1", of_other))), "401");
  EXPECT_EQ(one->status(one->ask(one->removal("1", of_one))), "200");
  EXPECT_EQ(one->stop(), net::run_end::drained);
  one.reset();
  EXPECT_EQ(other.status(other.ask(readyz)), "200");
  EXPECT_EQ(other.status(other.ask(other.removal("1", of_other))), "200");
  EXPECT_EQ(other.stop(), net::run_end::drained);
}

TEST_F(embedding, a_server_that_is_told_to_stop_before_it_runs_serves_nobody_for_long) {
  const auto lock = storage::directory_lock::take(one_.path()).value();
  const auto store = storage::open_store(one_.path(), lock, {}).value();
  net::runtime server(*store, {});
  server.request_stop();
  EXPECT_EQ(server.run(), net::run_end::drained);
}

}  // namespace
}  // namespace factord::embedded_test

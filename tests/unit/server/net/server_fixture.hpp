#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "server/net/runtime.hpp"
#include "storage/engine/memory_engine.hpp"
#include "tests/unit/server/net/client.hpp"
#include "tests/unit/support/temp_directory.hpp"

namespace factord::net::testing {

inline const std::string healthz = "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n";

/// A removal that is answered 404: a command, and no event.
[[nodiscard]] std::string removal(const std::string& token);
/// A new user with a number of its own, answered 201: a command with events, so a commit.
[[nodiscard]] std::string creation(const std::string& token, int number);

[[nodiscard]] std::size_t count(std::string_view text, std::string_view part);

/// A whole server over the memory engine, on a port of its own and an admin socket in a directory
/// of its own.
class server_fixture : public ::testing::Test {
 protected:
  server_fixture();
  ~server_fixture() override;

  /// Starts it with these bounds and waits until it serves.
  void start(const limits& bounds = {}, std::size_t threads = 2,
             protocol::shared_tls tls = nullptr);
  /// Asks it to stop and says how it ended.
  run_end stop();
  /// Waits for it to end by itself.
  run_end wait();

  [[nodiscard]] client connect() const { return client(port_); }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] client connect_admin() const {
    return client((directory_.path() / "admin.sock").string());
  }
  /// A token with every permission.
  [[nodiscard]] std::string create_token();

  storage::memory_engine engine_;
  std::unique_ptr<runtime> server_;

 private:
  const temp_directory directory_;
  unique_fd directory_fd_;
  std::uint16_t port_ = 0;
  std::thread thread_;
  std::future<run_end> end_;
};

}  // namespace factord::net::testing

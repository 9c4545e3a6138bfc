#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "tests/simulation/pipe.hpp"
#include "tests/simulation/simulated_server.hpp"

namespace factord::simulation {

/// The servers that clients know; null while one is not there.
using server_list = std::vector<std::unique_ptr<simulated_server>>;

/// A client's end of one connection after the other.
class client_socket {
 public:
  /// `arrive` gets each piece of what a server sends; an empty one is the end. All outlives it.
  client_socket(scheduler& time, random_bits& random, const server_list& servers,
                protocol::surface routes, std::function<void(std::string_view)> arrive)
      : time_(time),
        random_(random),
        servers_(servers),
        routes_(routes),
        arrive_(std::move(arrive)) {}

  [[nodiscard]] bool open() const noexcept { return to_server_ != nullptr; }
  /// Of the server that it is or was connected to last.
  [[nodiscard]] std::size_t home() const noexcept { return home_; }

  /// To any of the servers. False where that one is not there.
  [[nodiscard]] bool connect();
  void send(std::string_view bytes) { to_server_->send(bytes); }
  /// No more is sent; what comes is still taken.
  void end() { to_server_->end(); }
  /// Whatever is under way is lost, in both directions.
  void close();
  /// What this server had sent arrives. True where the connection was to it, and nobody has closed
  /// it by then.
  [[nodiscard]] bool server_died(std::size_t which);

 private:
  scheduler& time_;
  random_bits& random_;
  const server_list& servers_;
  const protocol::surface routes_;
  const std::function<void(std::string_view)> arrive_;

  std::size_t home_ = 0;
  std::shared_ptr<pipe> to_server_;  ///< null: not connected
  std::shared_ptr<pipe> from_server_;
  service::ticket name_;
};

}  // namespace factord::simulation

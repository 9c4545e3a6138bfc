#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/net/sockets.hpp"

namespace factord::net::testing {

/// A blocking client with as little to it as can be: bytes out, bytes in.
class client {
 public:
  explicit client(std::uint16_t port);
  explicit client(const std::string& unix_path);

  /// False where the other side is gone.
  bool send(std::string_view bytes);
  void close_sending_half();
  /// What comes next, at least one byte; empty at the end. A reset counts as the end.
  [[nodiscard]] std::string receive_some();
  /// Everything up to the end.
  [[nodiscard]] std::string receive_all();
  /// Until `text` was received, or the end.
  [[nodiscard]] std::string receive_until(std::string_view text);

 private:
  unique_fd fd_;
};

}  // namespace factord::net::testing

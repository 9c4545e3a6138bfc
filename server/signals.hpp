#pragma once

#include <cstdint>

#include "server/net/runtime.hpp"

namespace factord {

/// What an operator says to a prepared process by a signal, told to its server: SIGTERM, SIGINT and
/// SIGQUIT stop it, and a second one of these ends the process at once with exit code 1. SIGHUP
/// has it read the certificate and the bootstrap token again. What came before waits until the
/// server runs.
class operator_signals {
 public:
  /// Before server.run(); outlives that. Throws std::system_error where there is no descriptor.
  explicit operator_signals(net::runtime& server);
  operator_signals(const operator_signals&) = delete;
  operator_signals& operator=(const operator_signals&) = delete;

 private:
  void heed(int signal, std::uint32_t sender);

  net::runtime& server_;
  bool told_to_stop_ = false;  ///< shard 0's thread
};

}  // namespace factord

#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string_view>

#include "tools/factorload/request_source.hpp"
#include "tools/factorload/tally.hpp"

namespace factord::load {

/// What one connection has asked and not yet been answered, without the socket: requests in, bytes
/// out; bytes in, answers counted. One implementation for each protocol.
class exchange {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  enum class state {
    open,       ///< go on
    closing,    ///< the server said that it closes: no more answers will come
    malformed,  ///< what came is no answer to anything asked
  };

  virtual ~exchange() = default;

  [[nodiscard]] virtual std::size_t under_way() const noexcept = 0;
  [[nodiscard]] virtual bool has_room() const noexcept = 0;

  /// Asks. There must be room. Latency counts from `started`.
  virtual void ask(const request& what, time_point started) = 0;

  /// Bytes to be sent, valid until the next call; and how many of them were.
  [[nodiscard]] virtual std::string_view output() const noexcept = 0;
  virtual void sent(std::size_t bytes) noexcept = 0;

  /// Where received bytes go, never empty; and how many of them came in at `now`.
  [[nodiscard]] virtual std::span<char> input_space() = 0;
  [[nodiscard]] virtual state received(std::size_t bytes, time_point now, tally& counts) = 0;

  /// Forgets everything, for a new connection.
  virtual void reset() = 0;
};

}  // namespace factord::load

#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/factorload/request_format.hpp"
#include "tools/factorload/tally.hpp"

namespace factord::load {

/// What one connection has asked and not yet been answered, without the socket: requests in, bytes
/// out; bytes in, answers counted.
class exchange {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  enum class state {
    open,       ///< go on
    closing,    ///< the server said that it closes: no more answers will come
    malformed,  ///< what came is no answer to anything asked
  };

  /// At most `depth` requests are under way at a time.
  explicit exchange(std::size_t depth) : depth_(depth), under_way_(depth) {}

  [[nodiscard]] std::size_t under_way() const noexcept { return count_; }
  [[nodiscard]] bool has_room() const noexcept { return count_ < depth_; }

  /// Asks. There must be room. Latency counts from `started`.
  void ask(const request_format& format, const request& what, time_point started);

  /// Bytes to be sent, valid until the next call; and how many of them were.
  [[nodiscard]] std::string_view output() const noexcept;
  void sent(std::size_t bytes) noexcept;

  /// Where received bytes go, never empty; and how many of them came in at `now`.
  [[nodiscard]] std::span<char> input_space();
  [[nodiscard]] state received(std::size_t bytes, time_point now, tally& counts);

  /// Forgets everything, for a new connection.
  void reset() noexcept;

 private:
  struct question {
    operation what;
    time_point started;
  };

  void answer(int status, time_point now, tally& counts);

  std::size_t depth_;
  std::vector<question> under_way_;  ///< a ring: count_ of them from oldest_
  std::size_t oldest_ = 0;
  std::size_t count_ = 0;
  std::string output_;
  std::size_t output_sent_ = 0;
  std::vector<char> input_;
  std::size_t input_size_ = 0;  ///< of input_, bytes that are in use
};

}  // namespace factord::load

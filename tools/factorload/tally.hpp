#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "tools/factorload/latency_histogram.hpp"
#include "tools/factorload/request_source.hpp"

namespace factord::load {

/// What came of the requests of one thread, or of all.
struct tally {
  std::array<std::uint64_t, 600> by_status{};
  std::array<std::uint64_t, operation_count> succeeded{};  ///< answers 200, by operation
  std::array<latency_histogram, operation_count> latency;  ///< of every answer
  std::uint64_t answers = 0;
  std::uint64_t sent = 0;
  std::uint64_t unanswered = 0;  ///< sent, and the connection ended before the answer
  std::uint64_t unsent = 0;      ///< due in an open loop, and never sent
  std::uint64_t malformed = 0;   ///< answers that could not be read; each ended its connection
  std::uint64_t reconnects = 0;
  std::uint64_t failed_connects = 0;

  /// `status` is 200 to 599.
  void answered(operation what, int status, std::chrono::nanoseconds took);
  void merge(const tally& other);

  [[nodiscard]] std::uint64_t errors() const noexcept {
    return unanswered + unsent + malformed + failed_connects;
  }
};

}  // namespace factord::load

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace factord::storage {

/// What one batch took, by the clock of retry_rules. Of a batch that was tried several times: all
/// of them together.
struct batch_report {
  using duration = std::chrono::nanoseconds;

  std::size_t commands = 0;
  duration queue{};   ///< from when its first command was asked for until it was taken
  duration load{};    ///< reading what it decides on
  duration decide{};  ///< deciding
  duration write{};   ///< writing what was decided, and making that durable
  /// Of the write: what it waited for durability. Nothing where it waited for none.
  std::optional<duration> sync;
  std::uint64_t sequence = 0;  ///< of the newest head that it has seen
};

}  // namespace factord::storage

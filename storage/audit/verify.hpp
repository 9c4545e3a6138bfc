#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/engine/log_source.hpp"
#include "storage/model/event.hpp"

namespace factord::storage {

/// What verify found. The store is sound where `problems` is empty.
struct verify_report {
  log_head head;
  std::array<std::uint64_t, event_type_count + 1> events_by_type{};  ///< index: event_type
  std::uint64_t users = 0;  ///< user records, DELETED ones too
  std::uint64_t factors = 0;
  std::uint64_t tokens = 0;
  std::vector<std::string> problems;  ///< at most 100, each naming a sequence or key
};

/// Called now and then with the step's name and how far it is.
using verify_progress =
    std::function<void(std::string_view step, std::uint64_t done, std::uint64_t total)>;

/// Checks the invariants of the store through its readers, with bounded memory: sequences 1..N
/// without a gap, the hash chain, created_at never going back, the user_events index, and the state
/// as exactly what replay gives. Replay goes user by user (see evolve), so it needs memory for the
/// history of one user only. Fails only where the store cannot be read.
[[nodiscard]] result<verify_report> verify(const log_source& store,
                                           const verify_progress& progress);

}  // namespace factord::storage

#pragma once

#include <chrono>

#include "storage/base/error.hpp"
#include "tools/factorload/load_options.hpp"
#include "tools/factorload/tally.hpp"

namespace factord::load {

struct load_result {
  tally counts;
  std::chrono::nanoseconds elapsed{};  ///< from the start to the last answer
  std::chrono::microseconds cpu{};     ///< that this program used meanwhile, user and system
};

/// Runs the load on options.threads threads, with a live line of progress on stderr where that is a
/// terminal. SIGINT ends it early, in order; a second one at once. Fails with errc::unavailable
/// where the connections cannot be opened.
[[nodiscard]] result<load_result> run_load(const load_options& options);

}  // namespace factord::load

#pragma once

#include <cstdlib>
#include <string>

namespace factord::storage::testing {

/// How much longer than in tools/test a suite of faults runs: FACTORD_FAULT_ROUNDS, else 1.
[[nodiscard]] inline unsigned fault_rounds() {
  const char* const asked = std::getenv("FACTORD_FAULT_ROUNDS");
  return asked == nullptr ? 1 : static_cast<unsigned>(std::stoul(asked));
}

}  // namespace factord::storage::testing

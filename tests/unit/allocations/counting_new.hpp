#pragma once

#include <cstdint>

namespace factord {

/// Heap allocations of this thread through operator new since it started. This binary replaces it.
[[nodiscard]] std::uint64_t allocations() noexcept;

}  // namespace factord

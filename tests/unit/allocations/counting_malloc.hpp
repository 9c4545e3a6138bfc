#pragma once

#include <cstdint>

namespace factord {

/// Heap allocations of this thread since it started, by operator new or by a C library. This binary
/// puts its own malloc in front of glibc's.
[[nodiscard]] std::uint64_t allocations() noexcept;

}  // namespace factord

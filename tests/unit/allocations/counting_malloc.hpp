#pragma once

#include <cstdint>

namespace factord {

/// Heap allocations of this thread since it started, by operator new or by a C library. This binary
/// puts its own malloc in front of glibc's.
[[nodiscard]] std::uint64_t allocations() noexcept;

/// Of the allocations of this thread from now on, the one after `n` others fails, once.
void fail_allocation(std::uint64_t n) noexcept;
/// None fails any more. True where none had failed yet.
bool fail_no_allocation() noexcept;

}  // namespace factord

#pragma once

#include <cstdint>

namespace factord::service {

/// Where the answer of a call goes: a connection slot of a shard, and which tenant of that slot. A
/// name, never a pointer: the connection may be gone by then.
struct ticket {
  std::uint32_t shard = 0;
  std::uint32_t slot = 0;
  std::uint64_t generation = 0;

  friend bool operator==(const ticket&, const ticket&) = default;
};

}  // namespace factord::service

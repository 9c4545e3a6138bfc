#pragma once

#include <cstddef>
#include <cstring>

#include "storage/model/hash_chain.hpp"

namespace factord::service {

/// The hash of a SHA-256: what is in its first bytes is as good as any.
struct first_bytes {
  std::size_t operator()(const storage::digest& hash) const noexcept {
    std::size_t value = 0;
    std::memcpy(&value, hash.data(), sizeof(value));
    return value;
  }
};

}  // namespace factord::service

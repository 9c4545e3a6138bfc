#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <unordered_map>

#include "server/service/permission.hpp"
#include "storage/base/clock.hpp"
#include "storage/model/hash_chain.hpp"

namespace factord::service {

/// Counts the changes that may make a verdict about a token wrong. The commit thread raises it
/// after such a change is visible to readers and before it is answered; so a verdict that was
/// looked up under the current generation is right, and a token is refused everywhere once its
/// revocation was answered. Any thread.
class token_generation {
 public:
  void raise() noexcept { value_.fetch_add(1, std::memory_order_release); }
  [[nodiscard]] std::uint64_t current() const noexcept {
    return value_.load(std::memory_order_acquire);
  }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// A token that was found good.
struct verdict {
  caller who;
  timestamp expires_at{};  ///< 0: never
};

/// The good verdicts of one shard. Bad tokens are not kept, so strangers cannot fill it. One
/// thread.
class token_cache {
 public:
  /// Null where there is no verdict of this generation.
  [[nodiscard]] const verdict* find(const storage::digest& token_hash, std::uint64_t generation);
  /// `generation` is that from before the look-up.
  void keep(const storage::digest& token_hash, std::uint64_t generation, verdict found);

 private:
  struct first_bytes {
    std::size_t operator()(const storage::digest& hash) const noexcept {
      std::size_t value = 0;
      std::memcpy(&value, hash.data(), sizeof(value));
      return value;
    }
  };

  void use_generation(std::uint64_t generation);

  std::unordered_map<storage::digest, verdict, first_bytes> verdicts_;
  std::uint64_t generation_ = 0;
};

}  // namespace factord::service

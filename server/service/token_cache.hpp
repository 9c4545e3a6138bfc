#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <unordered_map>

#include "server/service/permission.hpp"
#include "storage/base/clock.hpp"
#include "storage/model/hash_chain.hpp"

namespace factord::service {

/// The newest token epoch of the log (storage::log_head) that this process has seen. The commit
/// thread notes it before it answers; so what was changed here is heeded from its answer on, even
/// by what is refused without asking the store. What was changed elsewhere shows in the head of
/// whatever the store is asked for. Any thread.
class newest_token_epoch {
 public:
  void see(std::uint64_t epoch) noexcept {
    std::uint64_t now = current();
    while (now < epoch && !value_.compare_exchange_weak(now, epoch, std::memory_order_acq_rel)) {
    }
  }
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

/// The good verdicts of one shard, all of one token epoch. Bad tokens are not kept, so strangers
/// cannot fill it. One thread.
class token_cache {
 public:
  /// Null where there is no verdict of this epoch.
  [[nodiscard]] const verdict* find(const storage::digest& token_hash, std::uint64_t epoch);
  /// `epoch`: of the head that the token's record is of.
  void keep(const storage::digest& token_hash, std::uint64_t epoch, verdict found);

 private:
  struct first_bytes {
    std::size_t operator()(const storage::digest& hash) const noexcept {
      std::size_t value = 0;
      std::memcpy(&value, hash.data(), sizeof(value));
      return value;
    }
  };

  void use_epoch(std::uint64_t epoch);

  std::unordered_map<storage::digest, verdict, first_bytes> verdicts_;
  std::uint64_t epoch_ = 0;
};

}  // namespace factord::service

#pragma once

#include <cstdint>
#include <cstring>
#include <unordered_map>

#include "server/service/credentials/credential.hpp"
#include "storage/model/hash_chain.hpp"

namespace factord::service {

/// The good verdicts of one shard, all of one token epoch. What is bad is not kept, so strangers
/// cannot fill it. One thread.
class verdict_cache {
 public:
  /// Null where there is no verdict of this epoch.
  [[nodiscard]] const verdict* find(const storage::digest& hash, std::uint64_t epoch);
  /// `epoch`: of the head by which it was judged.
  void keep(const storage::digest& hash, std::uint64_t epoch, verdict found);

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

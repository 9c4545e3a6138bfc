#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "server/service/credentials/credential.hpp"
#include "server/service/credentials/digest_hash.hpp"
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
  void use_epoch(std::uint64_t epoch);
  void clear();

  std::unordered_map<storage::digest, verdict, first_bytes> verdicts_;
  std::size_t size_ = 0;  ///< of grants, and a verdict each, as they were kept
  std::uint64_t epoch_ = 0;
};

}  // namespace factord::service

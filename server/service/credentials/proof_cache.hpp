#pragma once

#include <cstddef>
#include <unordered_map>

#include "server/service/credentials/credential.hpp"
#include "server/service/credentials/digest_hash.hpp"

namespace factord::service {

/// What tokens say whose signature was verified, until they expire or a key of their issuer goes:
/// so that a new token epoch, by which every verdict is found anew, costs no signature. Nothing in
/// it says whether a subject is active. What is bad is not kept, so strangers cannot fill it.
///
/// It holds those that were last kept, up to `grants_max` in all, and some of those before them.
/// One thread.
class proof_cache {
 public:
  static constexpr std::size_t grants_max = 20'000;  ///< each verdict counts as one more

  /// Null where there is none, or it is good no more.
  [[nodiscard]] const verdict* find(const storage::digest& hash, timestamp now);
  void keep(const storage::digest& hash, verdict found);

 private:
  using verdicts = std::unordered_map<storage::digest, verdict, first_bytes>;

  verdicts young_;
  verdicts old_;                ///< looked into, until the young ones are old
  std::size_t young_size_ = 0;  ///< of grants, and a verdict each
};

}  // namespace factord::service

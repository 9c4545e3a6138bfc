#include "server/service/credentials/proof_cache.hpp"

#include <utility>

namespace factord::service {

const verdict* proof_cache::find(const storage::digest& hash, timestamp now) {
  auto found = young_.find(hash);
  if (found == young_.end()) {
    auto old = old_.extract(hash);
    if (old.empty()) return nullptr;
    keep(hash, std::move(old.mapped()));
    found = young_.find(hash);
  }
  const verdict& known = found->second;
  return known.stands.holds() && !expired(known.expires_at, now) ? &known : nullptr;
}

void proof_cache::keep(const storage::digest& hash, verdict found) {
  young_size_ += 1 + found.who.grants.size();
  if (young_size_ > grants_max / 2) {
    old_ = std::exchange(young_, {});
    young_size_ = 1 + found.who.grants.size();
  }
  young_.insert_or_assign(hash, std::move(found));
}

}  // namespace factord::service

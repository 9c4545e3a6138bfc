#include "server/service/credentials/refusal_cache.hpp"

namespace factord::service {

std::optional<jwt::refusal> refusal_cache::find(const storage::digest& hash,
                                                time_point now) const noexcept {
  const place& at = places_[first_bytes{}(hash) % places];
  if (at.hash != hash || now >= at.until || !at.by.holds()) return std::nullopt;
  return at.why;
}

void refusal_cache::keep(const storage::digest& hash, jwt::refusal why, standing by,
                         time_point now) noexcept {
  places_[first_bytes{}(hash) % places] = {hash, by, now + kept, why};
}

}  // namespace factord::service

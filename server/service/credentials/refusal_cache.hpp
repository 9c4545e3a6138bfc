#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "server/jwt/refusal.hpp"
#include "server/service/credentials/digest_hash.hpp"
#include "server/service/credentials/standing.hpp"

namespace factord::service {

/// Tokens that were refused after their signature was looked at, for a short while: who shows one
/// again and again costs no signature each time. A place for each of so many hashes, taken by
/// whichever came last, so what strangers send fills no more than that. One thread.
class refusal_cache {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  static constexpr std::size_t places = 1024;
  static constexpr std::chrono::seconds kept{10};

  refusal_cache() : places_(places) {}

  /// The rule that it breaks, by keys of which none has changed; nothing where that is not known.
  [[nodiscard]] std::optional<jwt::refusal> find(const storage::digest& hash,
                                                 time_point now) const noexcept;
  void keep(const storage::digest& hash, jwt::refusal why, standing by, time_point now) noexcept;

 private:
  struct place {
    storage::digest hash{};
    standing by;
    time_point until{};
    jwt::refusal why{};
  };

  std::vector<place> places_;
};

}  // namespace factord::service

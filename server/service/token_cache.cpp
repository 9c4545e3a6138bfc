#include "server/service/token_cache.hpp"

#include <utility>

#include "storage/base/canary.hpp"

namespace factord::service {
namespace {

// Of some 200 bytes each. A shard that sees more tokens than this at once starts over.
constexpr std::size_t verdicts_max = 10'000;

}  // namespace

const verdict* token_cache::find(const storage::digest& token_hash, std::uint64_t generation) {
  use_generation(generation);
  const auto found = verdicts_.find(token_hash);
  return found == verdicts_.end() ? nullptr : &found->second;
}

void token_cache::keep(const storage::digest& token_hash, std::uint64_t generation, verdict found) {
  use_generation(generation);
  if (generation != generation_) return;  // looked up before a change that is known by now
  if (verdicts_.size() >= verdicts_max) verdicts_.clear();
  verdicts_.insert_or_assign(token_hash, std::move(found));
}

void token_cache::use_generation(std::uint64_t generation) {
  if (generation <= generation_ || planted(canary::stale_verdict)) return;
  verdicts_.clear();
  generation_ = generation;
}

}  // namespace factord::service

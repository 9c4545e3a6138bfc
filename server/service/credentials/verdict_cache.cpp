#include "server/service/credentials/verdict_cache.hpp"

#include <utility>

#include "storage/base/canary.hpp"

namespace factord::service {
namespace {

// Of some 200 bytes each. A shard that sees more tokens than this at once starts over.
constexpr std::size_t verdicts_max = 10'000;

}  // namespace

const verdict* verdict_cache::find(const storage::digest& hash, std::uint64_t epoch) {
  use_epoch(epoch);
  const auto found = verdicts_.find(hash);
  return found == verdicts_.end() ? nullptr : &found->second;
}

void verdict_cache::keep(const storage::digest& hash, std::uint64_t epoch, verdict found) {
  use_epoch(epoch);
  if (epoch != epoch_) return;  // looked up before a change that is known by now
  if (verdicts_.size() >= verdicts_max) verdicts_.clear();
  verdicts_.insert_or_assign(hash, std::move(found));
}

void verdict_cache::use_epoch(std::uint64_t epoch) {
  if (epoch <= epoch_) return;
  if (!planted(canary::stale_verdict)) verdicts_.clear();
  epoch_ = epoch;
}

}  // namespace factord::service

#include "server/service/credentials/verdict_cache.hpp"

#include <utility>

#include "storage/base/canary.hpp"

namespace factord::service {
namespace {

// Of some 100 bytes each; one of our own tokens has one, and its verdict counts as another. A shard
// that sees more than this at once starts over.
constexpr std::size_t grants_max = 20'000;

}  // namespace

const verdict* verdict_cache::find(const storage::digest& hash, std::uint64_t epoch) {
  use_epoch(epoch);
  const auto found = verdicts_.find(hash);
  return found == verdicts_.end() ? nullptr : &found->second;
}

void verdict_cache::keep(const storage::digest& hash, std::uint64_t epoch, verdict found) {
  use_epoch(epoch);
  if (epoch != epoch_) return;  // looked up before a change that is known by now
  const std::size_t size = 1 + found.who.grants.size();
  if (size_ + size > grants_max) clear();
  size_ += size;
  verdicts_.insert_or_assign(hash, std::move(found));
}

void verdict_cache::use_epoch(std::uint64_t epoch) {
  if (epoch <= epoch_) return;
  if (!planted(canary::stale_verdict)) clear();
  epoch_ = epoch;
}

void verdict_cache::clear() {
  verdicts_.clear();
  size_ = 0;
}

}  // namespace factord::service

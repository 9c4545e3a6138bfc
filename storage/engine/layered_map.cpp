#include "storage/engine/layered_map.hpp"

#include <iterator>
#include <utility>

#include "storage/base/check.hpp"

namespace factord::storage {

const std::string* layered_map::find(std::string_view key) const {
  auto found = above_.find(key);
  if (found == above_.end()) {
    found = below_.find(key);
    if (found == below_.end()) return nullptr;
  }
  return found->second ? &*found->second : nullptr;
}

void layered_map::put(std::string_view key, std::string value) {
  const auto found = above_.find(key);
  if (found != above_.end()) {
    found->second = std::move(value);
  } else {
    above_.emplace(key, std::move(value));
  }
}

void layered_map::erase(std::string_view key) {
  const auto found = above_.find(key);
  if (below_.contains(key)) {
    if (found != above_.end()) {
      found->second.reset();
    } else {
      above_.emplace(key, std::nullopt);
    }
  } else if (found != above_.end()) {
    above_.erase(found);
  }
}

void layered_map::keep() {
  FACTORD_CHECK(below_.empty());
  below_ = std::exchange(above_, {});
}

layered_map::layer layered_map::drop() { return std::exchange(above_, {}); }

layered_map::cursor::cursor(const layered_map& of, std::string_view first)
    : below_(of.below_.lower_bound(first)),
      above_(of.above_.lower_bound(first)),
      below_end_(of.below_.end()),
      above_end_(of.above_.end()) {
  settle();
}

// Where both layers have a key, the upper one says what stands there.
void layered_map::cursor::step() {
  const std::string& key = entry_->first;
  const bool in_both =
      below_ != below_end_ && above_ != above_end_ && below_->first == above_->first;
  const bool upper = above_ != above_end_ && above_->first == key;
  if (!upper || in_both) ++below_;
  if (upper) ++above_;
}

void layered_map::cursor::next() {
  step();
  settle();
}

// Passes over what was erased.
void layered_map::cursor::settle() {
  for (;; step()) {
    const bool has_below = below_ != below_end_;
    const bool has_above = above_ != above_end_;
    const bool upper = has_above && (!has_below || above_->first <= below_->first);
    entry_ = nullptr;
    if (!has_below && !has_above) return;
    entry_ = upper ? &*above_ : &*below_;
    if (entry_->second) return;
  }
}

const std::string* layered_map::last_below(std::string_view key) const {
  auto upper = above_.lower_bound(key);
  while (upper != above_.begin() && !std::prev(upper)->second) --upper;
  auto lower = below_.lower_bound(key);
  while (lower != below_.begin() && !find(std::prev(lower)->first)) --lower;
  const std::string* const above = upper == above_.begin() ? nullptr : &std::prev(upper)->first;
  const std::string* const below = lower == below_.begin() ? nullptr : &std::prev(lower)->first;
  if (above == nullptr || below == nullptr) return above == nullptr ? below : above;
  return *above < *below ? below : above;
}

}  // namespace factord::storage

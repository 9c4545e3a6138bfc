#include "tools/factorload/request_source.hpp"

#include "storage/base/check.hpp"

namespace factord::load {

request_source::request_source(load_mode mode, const tools::scatter& order, std::uint64_t first,
                               std::uint64_t stride)
    : mode_(mode), order_(order), first_(first), stride_(stride), position_(first) {
  FACTORD_CHECK(first < stride);
  FACTORD_CHECK(mode == load_mode::remove || first < order.size());
}

std::optional<request> request_source::next() noexcept {
  if (add_next_) {
    add_next_ = false;
    const request again{operation::add, order_.at(position_)};
    position_ += stride_;
    return again;
  }
  if (position_ >= order_.size()) {
    if (mode_ == load_mode::remove) return std::nullopt;
    position_ = first_;
  }
  const request removal{operation::remove, order_.at(position_)};
  if (mode_ == load_mode::cycle) {
    add_next_ = true;
  } else {
    position_ += stride_;
  }
  return removal;
}

}  // namespace factord::load

#include "server/protocol/wire/input_buffer.hpp"

#include <algorithm>

#include "storage/base/canary.hpp"
#include "storage/base/check.hpp"

namespace factord::protocol {

input_buffer::input_buffer(std::size_t limit) : limit_(std::max(limit, first_capacity)) {}

std::span<char> input_buffer::lend() {
  FACTORD_CHECK(!lent_);
  lent_ = true;
  if (empty()) begin_ = end_ = 0;
  if (filled_ && capacity_ < limit_) {
    move_to(std::min(std::max(capacity_ * 2, first_capacity), limit_));
  } else if (empty() && capacity_ != first_capacity && !filled_) {
    move_to(first_capacity);
  } else if (begin_ > 0 && end_ == capacity_) {
    move_to(capacity_);
  }
  return {memory_.get() + end_, capacity_ - end_};
}

void input_buffer::commit(std::size_t bytes) {
  FACTORD_CHECK(lent_ && bytes <= capacity_ - end_);
  lent_ = false;
  end_ += bytes;
  filled_ = end_ == capacity_;
}

void input_buffer::consume(std::size_t bytes) {
  FACTORD_CHECK(bytes <= end_ - begin_);
  begin_ += bytes;
  // Under a read that is under way, the place that it writes to would not be the end any more.
  if (planted(canary::replay_input) && empty()) begin_ = end_ = 0;
}

void input_buffer::move_to(std::size_t capacity) {
  const std::string_view kept = view();
  if (capacity == capacity_) {
    std::copy(kept.begin(), kept.end(), memory_.get());
  } else {
    auto memory = std::make_unique_for_overwrite<char[]>(capacity);
    std::copy(kept.begin(), kept.end(), memory.get());
    memory_ = std::move(memory);
    capacity_ = capacity;
  }
  end_ = kept.size();
  begin_ = 0;
}

}  // namespace factord::protocol

#include "server/service/walk_line.hpp"

#include "storage/base/check.hpp"

namespace factord::service {

void walk_line::join(const call& pending, turn begin) {
  std::deque<waiting>& line = lines_[pending.way_back.slot];
  if (line.empty()) slots_.push_back(pending.way_back.slot);
  line.push_back({&pending, std::move(begin)});
  advance();
}

void walk_line::ended() {
  FACTORD_CHECK(under_way_ > 0);
  --under_way_;
  advance();
}

// A walk may be answered within its turn: then the loop that gave it goes on, not another one.
void walk_line::advance() {
  if (std::exchange(advancing_, true)) return;
  while (under_way_ < most_under_way && !slots_.empty()) {
    const waiting next = take_next();
    const bool wanted = !wanted_ || wanted_(*next.pending);
    if (wanted) ++under_way_;
    next.begin(wanted);
  }
  advancing_ = false;
}

walk_line::waiting walk_line::take_next() {
  const std::uint32_t slot = slots_.front();
  slots_.pop_front();
  const auto found = lines_.find(slot);
  waiting next = std::move(found->second.front());
  found->second.pop_front();
  if (found->second.empty()) {
    lines_.erase(found);
  } else {
    slots_.push_back(slot);
  }
  return next;
}

}  // namespace factord::service

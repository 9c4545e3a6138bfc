#include "server/tracing/trace_queue.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <iterator>
#include <utility>

namespace factord::tracing {
namespace {

// So that few requests carry many.
constexpr std::chrono::milliseconds gathering{500};

}  // namespace

void trace_queue::put(call_trace&& one) noexcept {
  try {
    const std::lock_guard lock{mutex_};
    if (!closed_ && waiting_.size() < room_) {
      waiting_.push_back(std::move(one));
      if (waiting_.size() == 1 || waiting_.size() == room_ / 2) wake_.notify_one();
      return;
    }
  } catch (const std::exception&) {
    // Out of memory: it is as if there were no room.
  }
  count_dropped(1);
}

void trace_queue::take(std::vector<call_trace>& out, std::size_t most) {
  out.clear();
  std::unique_lock lock{mutex_};
  wake_.wait(lock, [this] { return !waiting_.empty() || closed_; });
  wake_.wait_for(lock, gathering, [this] { return waiting_.size() >= room_ / 2 || closed_; });
  const auto count = static_cast<std::ptrdiff_t>(std::min(most, waiting_.size()));
  std::move(waiting_.begin(), waiting_.begin() + count, std::back_inserter(out));
  waiting_.erase(waiting_.begin(), waiting_.begin() + count);
}

void trace_queue::close() noexcept {
  {
    const std::lock_guard lock{mutex_};
    closed_ = true;
  }
  wake_.notify_one();
}

}  // namespace factord::tracing

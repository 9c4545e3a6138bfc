#include "storage/commit/backoff.hpp"

#include <algorithm>
#include <random>
#include <thread>

namespace factord::storage {

namespace {

std::uint64_t draw_here() {
  thread_local std::mt19937_64 bits{std::random_device{}()};
  return bits();
}

}  // namespace

bool backoff::again() {
  if (made_ >= rules_.attempts || rules_.time() - began_ >= rules_.time_limit) return false;
  ++made_;
  const std::uint64_t bits = rules_.draw ? rules_.draw() : draw_here();
  const auto range = static_cast<std::uint64_t>(longest_.count()) + 1;
  const std::chrono::microseconds wait{static_cast<std::int64_t>(bits % range)};
  longest_ = std::min(longest_ * 2, rules_.longest_pause);
  rules_.pause ? rules_.pause(wait) : std::this_thread::sleep_for(wait);
  return true;
}

}  // namespace factord::storage

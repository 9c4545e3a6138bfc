#pragma once

#include <chrono>
#include <cstddef>

namespace factord::protocol::http2 {

/// How many streams of a connection may end by a reset that is the client's doing: its own
/// (CVE-2023-44487), or ours for a fault of its (CVE-2025-8671). Each leaves work behind that
/// nobody waits for, and is not counted as a stream any more. A burst at first, of which a
/// thirtieth comes back each second.
class reset_budget {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit reset_budget(std::size_t burst) noexcept : burst_(burst), left_(burst) {}

  /// One more; false where that is one too many. `now` never goes back.
  [[nodiscard]] bool take(time_point now) noexcept {
    const auto passed = std::chrono::floor<std::chrono::seconds>(now - counted_);
    counted_ += passed;
    const std::size_t room = burst_ - left_;
    const std::size_t a_second = burst_ / 30 + 1;
    const auto seconds = static_cast<std::size_t>(passed.count());
    left_ += seconds > room / a_second ? room : seconds * a_second;
    if (left_ == 0) return false;
    --left_;
    return true;
  }

 private:
  const std::size_t burst_;
  std::size_t left_;
  time_point counted_{};  ///< the whole seconds up to here were counted
};

}  // namespace factord::protocol::http2

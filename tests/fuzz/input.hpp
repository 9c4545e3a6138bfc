#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// Each target defines it; libFuzzer, or replay.cpp, calls it. What must hold is a FACTORD_CHECK.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace factord::fuzz {

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Takes an input apart, from its front.
class cursor {
 public:
  explicit cursor(std::string_view input) : rest_(input) {}

  [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }
  /// 0 once the input is used up.
  std::uint8_t byte() {
    const std::string_view one = take(1);
    return one.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(one.front());
  }
  /// Of so many bytes, the highest first.
  std::size_t number(std::size_t bytes) {
    std::size_t value = 0;
    for (; bytes > 0; --bytes) value = value << 8U | byte();
    return value;
  }
  /// As many bytes as there are, at most `size`.
  std::string_view take(std::size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view rest() { return take(rest_.size()); }

 private:
  std::string_view rest_;
};

/// Choices that follow from the input as a whole (FNV-1a, then xorshift), so that the input itself
/// stays what its format says and a seed can be written by hand.
class choices {
 public:
  explicit choices(std::string_view input) {
    for (const char c : input) state_ = (state_ ^ static_cast<std::uint8_t>(c)) * 1099511628211ULL;
    state_ |= 1;
  }
  /// In [0, end).
  std::size_t below(std::size_t end) {
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 7U;
    state_ ^= state_ << 17U;
    return static_cast<std::size_t>(state_ % end);
  }

 private:
  std::uint64_t state_ = 14695981039346656037ULL;
};

}  // namespace factord::fuzz

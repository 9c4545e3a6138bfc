#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace factord::service {

/// Which last sequences of a user a client has named, by If-Match or If-None-Match (RFC 9110,
/// section 13.1): some, or with `*` any that there is. An entity tag here is the sequence of the
/// user's last event, so 0 is of nobody, and matches nothing.
class entity_tags {
 public:
  /// More than anybody needs, who knows a state or two.
  static constexpr std::size_t most = 32;

  /// True where the client has named some, even if none of them can be one of ours.
  [[nodiscard]] bool given() const noexcept { return given_; }
  /// True where this is among them.
  [[nodiscard]] bool match(std::uint64_t sequence) const noexcept {
    if (sequence == 0) return false;
    const auto end = sequences_.begin() + count_;
    return any_ || std::find(sequences_.begin(), end, sequence) != end;
  }

  void add_any() noexcept { given_ = any_ = true; }
  /// 0: a tag that is not of ours. False where there are too many.
  [[nodiscard]] bool add(std::uint64_t sequence) noexcept {
    given_ = true;
    if (count_ == most) return false;
    sequences_[count_++] = sequence;
    return true;
  }
  void clear() noexcept {
    given_ = any_ = false;
    count_ = 0;
  }

 private:
  bool given_ = false;
  bool any_ = false;
  std::uint8_t count_ = 0;
  std::array<std::uint64_t, most> sequences_{};
};

}  // namespace factord::service

#pragma once

#include <string>
#include <string_view>

#include "storage/base/clock.hpp"

namespace factord::protocol {

/// The value of the Date header (RFC 9110, section 5.6.7: IMF-fixdate), formatted once a second by
/// whoever owns it, not once an answer. One per shard; one thread.
class date_clock {
 public:
  explicit date_clock(timestamp now) { set(now); }
  void set(timestamp now);
  [[nodiscard]] std::string_view text() const noexcept { return text_; }

 private:
  std::string text_;
};

}  // namespace factord::protocol

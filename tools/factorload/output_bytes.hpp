#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "storage/base/check.hpp"

namespace factord::load {

/// Bytes on their way out, of which some were sent already.
class output_bytes {
 public:
  /// What is still to be sent, valid until the next call.
  [[nodiscard]] std::string_view rest() const noexcept {
    return std::string_view{bytes_}.substr(sent_);
  }

  /// To be appended to.
  [[nodiscard]] std::string& end() noexcept { return bytes_; }

  /// So many bytes of rest() were sent.
  void sent(std::size_t count) noexcept {
    sent_ += count;
    FACTORD_CHECK(sent_ <= bytes_.size());
    if (sent_ == bytes_.size()) clear();
  }

  void clear() noexcept {
    bytes_.clear();
    sent_ = 0;
  }

 private:
  std::string bytes_;
  std::size_t sent_ = 0;
};

}  // namespace factord::load

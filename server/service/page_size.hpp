#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include "storage/model/records.pb.h"

/// A list is answered in pages of so many records, or of so much text, whichever is less: to write
/// one holds its shard for less than a millisecond, whatever is in the records (micro_bench,
/// pages).
namespace factord::service {

/// A page of records as they usually are has a thousand of them within this.
inline constexpr std::size_t page_text_bytes = 256U << 10U;

/// What the texts of a record take in JSON, at most: a byte that is escaped there takes six.
[[nodiscard]] std::size_t text_bytes(const storage::event_record& event) noexcept;
[[nodiscard]] std::size_t text_bytes(const storage::token_record& token) noexcept;

/// How much of a page is left.
class page_room {
 public:
  /// False where `text_bytes` more are too many, and the page ends before them. The first record
  /// always fits, or there would be no next page.
  [[nodiscard]] bool take(std::size_t text_bytes) noexcept {
    const bool first = std::exchange(first_, false);
    if (!first && text_bytes > left_) return false;
    left_ -= text_bytes < left_ ? text_bytes : left_;
    return true;
  }

 private:
  std::size_t left_ = page_text_bytes;
  bool first_ = true;
};

}  // namespace factord::service

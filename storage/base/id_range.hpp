#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "storage/base/error.hpp"

namespace factord {

/// Consecutive user ids as decimal strings: first, first + 1, … Leading zeros are kept, so "0998"
/// goes on with "0999" and "1000".
class id_range {
 public:
  /// Fails with errc::bad_argument where `first` is not 1 to 20 digits, or where the last id would
  /// be above 2^64 - 1.
  [[nodiscard]] static result<id_range> make(std::string_view first, std::uint64_t count);

  [[nodiscard]] std::uint64_t size() const noexcept { return count_; }

  /// Appends the id at `index`, which must be below size().
  void append(std::string& out, std::uint64_t index) const;

  /// The id at `index`, which must be below size().
  [[nodiscard]] std::string at(std::uint64_t index) const;

 private:
  id_range(std::uint64_t first, std::size_t digits_min, std::uint64_t count) noexcept
      : first_(first), digits_min_(digits_min), count_(count) {}

  std::uint64_t first_;
  std::size_t digits_min_;
  std::uint64_t count_;
};

}  // namespace factord

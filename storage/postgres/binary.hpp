#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/postgres/statements.hpp"

/// The binary format of parameters and columns: numbers big-endian, bytes as they are, arrays of
/// one dimension with the length of each element before it.
namespace factord::storage {

using number_bytes = std::array<char, 8>;

/// What stands for a bigint.
[[nodiscard]] number_bytes bytes_of_number(std::int64_t value) noexcept;
[[nodiscard]] inline std::string_view as_bytes(const number_bytes& value) noexcept {
  return {value.data(), value.size()};
}

/// A bigint, taken out of a column; nothing where it is none.
[[nodiscard]] std::optional<std::int64_t> number_of(std::string_view bytes) noexcept;

/// The same, of what is never negative.
[[nodiscard]] std::optional<std::uint64_t> count_of(std::string_view bytes) noexcept;

/// A number of ours as a bigint: what is larger than any is the largest.
[[nodiscard]] std::int64_t clamped(std::uint64_t value) noexcept;

/// A parameter that is an array; its memory is kept.
class array_parameter {
 public:
  /// Begins anew, with elements of this type.
  void begin(type_number element);
  void add(std::string_view bytes);
  void add_number(std::int64_t value) { add(as_bytes(bytes_of_number(value))); }

  [[nodiscard]] std::uint32_t count() const noexcept { return count_; }
  /// What has been added. Valid until the next change.
  [[nodiscard]] std::string_view bytes();

 private:
  std::string bytes_;
  std::uint32_t count_ = 0;
};

}  // namespace factord::storage

#include "storage/postgres/binary.hpp"

#include <limits>

namespace factord::storage {

namespace {

// Dimensions, whether there are nulls, the type; then, of the one dimension, its length and first
// index.
constexpr std::size_t place_of_dimensions = 0;
constexpr std::size_t place_of_length = 12;

void write(char* to, std::uint32_t value) noexcept {
  for (int i = 0; i < 4; ++i) to[i] = static_cast<char>(value >> (24 - 8 * i));
}

void append(std::string& to, std::uint32_t value) {
  to.resize(to.size() + 4);
  write(to.data() + to.size() - 4, value);
}

}  // namespace

number_bytes bytes_of_number(std::int64_t value) noexcept {
  number_bytes bytes;
  const auto bits = static_cast<std::uint64_t>(value);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(bits >> (56 - 8 * i));
  }
  return bytes;
}

std::optional<std::int64_t> number_of(std::string_view bytes) noexcept {
  if (bytes.size() != sizeof(std::int64_t)) return std::nullopt;
  std::uint64_t bits = 0;
  for (const char byte : bytes) bits = bits << 8U | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(bits);
}

std::optional<std::uint64_t> count_of(std::string_view bytes) noexcept {
  const auto value = number_of(bytes);
  if (!value || *value < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*value);
}

std::int64_t clamped(std::uint64_t value) noexcept {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  return value > static_cast<std::uint64_t>(most) ? most : static_cast<std::int64_t>(value);
}

void array_parameter::begin(type_number element) {
  bytes_.clear();
  count_ = 0;
  for (const std::uint32_t field : {1U, 0U, element, 0U, 1U}) append(bytes_, field);
}

void array_parameter::add(std::string_view bytes) {
  append(bytes_, static_cast<std::uint32_t>(bytes.size()));
  bytes_ += bytes;
  ++count_;
}

std::string_view array_parameter::bytes() {
  write(bytes_.data() + place_of_dimensions, count_ > 0 ? 1 : 0);
  write(bytes_.data() + place_of_length, count_);
  // An empty one has no dimension at all.
  return count_ > 0 ? bytes_ : std::string_view{bytes_}.substr(0, place_of_length);
}

}  // namespace factord::storage

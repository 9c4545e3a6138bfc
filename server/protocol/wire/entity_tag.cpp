#include "server/protocol/wire/entity_tag.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <limits>

namespace factord::protocol {
namespace {

constexpr std::string_view blanks = " \t";

// etagc: visible characters but the quote, and whatever is beyond ASCII.
bool fits_a_tag(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte != '"' && byte != 0x7F;
}

void skip_blanks(std::string_view& text) noexcept {
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
}

}  // namespace

next_tag entity_tag_list::next(entity_tag& out) noexcept {
  skip_blanks(rest_);
  if (first_ && rest_.starts_with('*')) {
    rest_.remove_prefix(1);
    skip_blanks(rest_);
    return rest_.empty() ? next_tag::any : next_tag::malformed;
  }
  if (!skip_to_next()) return next_tag::malformed;
  if (rest_.empty()) return first_ ? next_tag::malformed : next_tag::none;
  first_ = false;
  return take(out) ? next_tag::one : next_tag::malformed;
}

// Over commas, of which there is one at least between two tags.
bool entity_tag_list::skip_to_next() noexcept {
  bool comma = first_;
  while (rest_.starts_with(',')) {
    comma = true;
    rest_.remove_prefix(1);
    skip_blanks(rest_);
  }
  return comma || rest_.empty();
}

bool entity_tag_list::take(entity_tag& out) noexcept {
  constexpr std::string_view weakness = "W/";
  out.weak = rest_.starts_with(weakness);
  if (out.weak) rest_.remove_prefix(weakness.size());
  if (!rest_.starts_with('"')) return false;
  rest_.remove_prefix(1);
  const auto end = std::find_if_not(rest_.begin(), rest_.end(), fits_a_tag);
  const auto size = static_cast<std::size_t>(end - rest_.begin());
  out.opaque = rest_.substr(0, size);
  rest_.remove_prefix(size);
  if (!rest_.starts_with('"')) return false;
  rest_.remove_prefix(1);
  return true;
}

std::string to_entity_tag(std::uint64_t sequence) {
  // Short ones stay inside the string.
  std::string tag = "\"";
  std::array<char, std::numeric_limits<std::uint64_t>::digits10 + 1> digits;
  char* const begin = digits.data();
  tag.append(begin, std::to_chars(begin, begin + digits.size(), sequence).ptr);
  tag += '"';
  return tag;
}

std::uint64_t sequence_of_tag(std::string_view opaque) noexcept {
  // As we write it, and in no other way.
  if (opaque.starts_with('0')) return 0;
  std::uint64_t sequence = 0;
  const char* const end = opaque.data() + opaque.size();
  const auto parsed = std::from_chars(opaque.data(), end, sequence);
  return parsed.ec == std::errc{} && parsed.ptr == end ? sequence : 0;
}

}  // namespace factord::protocol

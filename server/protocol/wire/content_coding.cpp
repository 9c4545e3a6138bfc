#include "server/protocol/wire/content_coding.hpp"

#include "storage/base/ascii.hpp"

namespace factord::protocol {
namespace {

// Without the blanks around it.
std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

bool is_any_of(std::string_view name, std::string_view one, std::string_view other) {
  return same_in_any_case(name, one) || same_in_any_case(name, other);
}

}  // namespace

content_coding find_content_coding(std::string_view field_value) {
  auto found = content_coding::identity;
  while (!field_value.empty()) {
    const std::size_t comma = field_value.find(',');
    const std::string_view name = trim(field_value.substr(0, comma));
    field_value.remove_prefix(comma == std::string_view::npos ? field_value.size() : comma + 1);
    if (name.empty() || same_in_any_case(name, "identity")) continue;
    const bool first = found == content_coding::identity;
    if (!first || !is_any_of(name, "gzip", "x-gzip")) return content_coding::unknown;
    found = content_coding::gzip;
  }
  return found;
}

}  // namespace factord::protocol

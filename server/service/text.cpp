#include "server/service/text.hpp"

#include "server/base/utf8.hpp"

namespace factord::service {

std::optional<std::size_t> count_code_points(std::string_view text) noexcept {
  std::size_t count = 0;
  for (; !text.empty(); ++count) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return std::nullopt;
    text.remove_prefix(length);
  }
  return count;
}

bool is_storable(std::string_view text) noexcept {
  return text.find('\0') == std::string_view::npos && count_code_points(text).has_value();
}

bool valid_id(std::string_view text) noexcept {
  if (text.empty() || text.find('\0') != std::string_view::npos) return false;
  const auto count = count_code_points(text);
  return count && *count <= id_code_points_max;
}

}  // namespace factord::service

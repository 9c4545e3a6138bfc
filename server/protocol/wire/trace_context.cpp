#include "server/protocol/wire/trace_context.hpp"

#include <algorithm>
#include <cstddef>

#include "storage/base/ascii.hpp"

namespace factord::protocol {
namespace {

// version "-" trace-id "-" parent-id "-" trace-flags
constexpr std::size_t version_size = 2;
constexpr std::size_t trace_at = 3;
constexpr std::size_t trace_size = 32;
constexpr std::size_t parent_at = 36;
constexpr std::size_t parent_size = 16;
constexpr std::size_t flags_at = 53;
constexpr std::size_t parent_field_size = 55;
constexpr unsigned sampled_flag = 1;

constexpr std::size_t state_size = 512;
constexpr std::size_t state_members = 32;

bool is_lower_hex(std::string_view digits) {
  return std::ranges::all_of(digits, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

// An id of zeros alone is none.
bool is_id(std::string_view digits) {
  return is_lower_hex(digits) && digits.find_first_not_of('0') != std::string_view::npos;
}

bool read_parent(std::string_view field, service::trace_context& out) {
  if (field.size() < parent_field_size) return false;
  const std::string_view version = field.substr(0, version_size);
  const std::string_view trace = field.substr(trace_at, trace_size);
  const std::string_view parent = field.substr(parent_at, parent_size);
  const std::string_view flags = field.substr(flags_at, 2);
  const bool longer = field.size() > parent_field_size;
  if (!is_lower_hex(version) || version == "ff" || (longer && version == "00")) return false;
  if (field[trace_at - 1] != '-' || field[parent_at - 1] != '-' || field[flags_at - 1] != '-')
    return false;
  if (longer && field[parent_field_size] != '-') return false;
  if (!is_id(trace) || !is_id(parent) || !is_lower_hex(flags)) return false;
  std::ranges::copy(trace, out.trace_id.begin());
  std::ranges::copy(parent, out.parent_id.begin());
  out.sampled = (static_cast<unsigned>(hex_value(flags[1])) & sampled_flag) != 0;
  return true;
}

// key "=" value, of printable characters; blanks around it, and members that are empty, are
// allowed.
bool is_member(std::string_view member) {
  const std::size_t equals = member.find('=');
  return equals != 0 && equals != std::string_view::npos && equals + 1 < member.size() &&
         std::ranges::all_of(member, [](char c) { return c >= ' ' && c <= '~'; });
}

std::string_view without_blanks(std::string_view member) {
  const std::size_t first = member.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return member.substr(first, member.find_last_not_of(" \t") - first + 1);
}

bool is_state(std::string_view field) {
  if (field.empty() || field.size() > state_size) return false;
  std::size_t members = 0;
  while (!field.empty()) {
    const std::size_t comma = std::min(field.find(','), field.size());
    const std::string_view member = without_blanks(field.substr(0, comma));
    field.remove_prefix(std::min(comma + 1, field.size()));
    if (member.empty()) continue;
    if (!is_member(member) || ++members > state_members) return false;
  }
  return members > 0;
}

}  // namespace

void read_trace(std::string_view parent, std::string_view state, service::trace_context& out,
                std::string& out_state) {
  out_state.clear();
  out.known = read_parent(parent, out);
  if (out.known && is_state(state)) out_state.assign(state);
}

}  // namespace factord::protocol

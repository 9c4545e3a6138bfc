#include "server/protocol/messages/path_requests.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

#include "server/protocol/messages/validation.hpp"
#include "server/protocol/wire/uri.hpp"

namespace factord::protocol {
namespace {

using service::call;

constexpr std::size_t events_limit_default = 100;
constexpr std::uint64_t page_limit_max = 1'000;

std::optional<std::uint64_t> to_number(std::string_view text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return value;
}

// A query parameter that is a number within bounds; `fallback` where it is absent.
std::uint64_t read_number(std::string_view target, std::string_view name, std::uint64_t min,
                          std::uint64_t max, std::uint64_t fallback, call& work) {
  std::string text;
  const parameter how = query_parameter(target, name, text);
  if (how == parameter::absent) return fallback;
  const auto value = how == parameter::found ? to_number(text) : std::nullopt;
  if (value && *value >= min && *value <= max) return *value;
  reject(work, std::string(name) + " must be a number from " + std::to_string(min) + " to " +
                   std::to_string(max));
  return fallback;
}

// A query parameter that is an id; left empty where it is absent.
void read_id(std::string_view target, std::string_view name, std::string_view field,
             std::string& id, call& work) {
  switch (query_parameter(target, name, id)) {
    case parameter::absent:
      return;
    case parameter::found:
      return check_length(work, field, id);
    case parameter::malformed:
      return reject(work, "malformed percent-encoding in the query");
  }
}

}  // namespace

void read_list_events(const path_request& sent, call& work) {
  work.in.after = read_number(sent.target, "after", 0, UINT64_MAX, 0, work);
  work.in.limit = static_cast<std::size_t>(
      read_number(sent.target, "limit", 1, page_limit_max, events_limit_default, work));
  read_id(sent.target, "user", "UserId", work.in.user_id, work);
}

// Without a limit all are wanted, so 0: the service says where they are too many.
void read_list_tokens(const path_request& sent, call& work) {
  work.in.limit =
      static_cast<std::size_t>(read_number(sent.target, "limit", 1, page_limit_max, 0, work));
  read_id(sent.target, "after", "After", work.in.token_id, work);
}

void read_revoke_token(const path_request& sent, call& work) { work.in.token_id.assign(sent.id); }

void read_get_backup(const path_request& sent, call& work) {
  work.in.backup = to_number(sent.id).value_or(0);
}

void read_stats(const path_request&, call&) {}

}  // namespace factord::protocol

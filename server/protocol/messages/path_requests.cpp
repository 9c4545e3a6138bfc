#include "server/protocol/messages/path_requests.hpp"

#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "server/protocol/messages/event_query.hpp"
#include "server/protocol/messages/event_stream.hpp"
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
                          std::uint64_t max, std::uint64_t fallback, call& pending) {
  std::string text;
  const parameter how = query_parameter(target, name, text);
  if (how == parameter::absent) return fallback;
  const auto value = how == parameter::found ? to_number(text) : std::nullopt;
  if (value && *value >= min && *value <= max) return *value;
  reject(pending, std::string(name) + " must be a number from " + std::to_string(min) + " to " +
                      std::to_string(max));
  return fallback;
}

// A query parameter that is an id; left empty where it is absent.
void read_id(std::string_view target, std::string_view name, std::string_view field,
             std::string& id, call& pending) {
  switch (query_parameter(target, name, id)) {
    case parameter::absent:
      return;
    case parameter::found:
      return check_length(pending, field, id);
    case parameter::malformed:
      return reject(pending, "malformed percent-encoding in the query");
  }
}

// In whole seconds, with their unit.
void read_wait(std::string_view target, call& pending) {
  constexpr std::uint64_t wait_max = 60;
  std::string text;
  const parameter how = query_parameter(target, "wait", text);
  if (how == parameter::absent) return;
  std::optional<std::uint64_t> seconds;
  if (how == parameter::found && text.ends_with('s'))
    seconds = to_number(std::string_view(text).substr(0, text.size() - 1));
  if (!seconds || *seconds > wait_max) return reject(pending, "wait must be from 0s to 60s");
  pending.in.wait = std::chrono::seconds(static_cast<std::int64_t>(*seconds));
}

// What was seen last, as server-sent events name it: the store, and the sequence in it.
void read_last_event(const request& incoming, call& pending) {
  if (!incoming.has(field::last_event_id)) return;
  const std::string_view id = incoming.value(field::last_event_id);
  const std::size_t colon = id.find(':');
  const auto sequence =
      colon == std::string_view::npos ? std::nullopt : to_number(id.substr(colon + 1));
  if (!sequence || colon == 0)
    return reject(pending, "Last-Event-ID must be a store's id, a colon, and a sequence");
  pending.in.of_store = id.substr(0, colon);
  pending.in.after = *sequence;
}

// What only a page has is no part of a stream.
void read_stream(const path_request& sent, call& pending) {
  if (sent.incoming.method == verb::head) return;
  if (find_event_form(sent.incoming.value(field::accept)) == event_form::page) return;
  std::string ignored;
  for (const std::string_view name : {"limit", "to", "wait"}) {
    if (query_parameter(sent.target, name, ignored) != parameter::absent)
      return reject(pending, std::string(name).append(" is for a page: a stream goes on for ever"));
  }
  if (!sent.incoming.takes_parts)
    return reject(pending, service::status_code::unimplemented, {},
                  "streams are not spoken over HTTP/1.0");
  pending.in.follow = true;
  pending.in.limit = page_limit_max;
}

}  // namespace

void read_list_events(const path_request& sent, call& pending) {
  pending.in.after = read_number(sent.target, "after", 0, UINT64_MAX, 0, pending);
  pending.in.limit = static_cast<std::size_t>(
      read_number(sent.target, "limit", 1, page_limit_max, events_limit_default, pending));
  read_id(sent.target, "user", "UserId", pending.in.user_id, pending);
  read_event_filter(sent.target, pending);
  read_wait(sent.target, pending);
  read_last_event(sent.incoming, pending);
  read_stream(sent, pending);
}

// Without a limit all are wanted, so 0: the service says where they are too many.
void read_list_tokens(const path_request& sent, call& pending) {
  pending.in.limit =
      static_cast<std::size_t>(read_number(sent.target, "limit", 1, page_limit_max, 0, pending));
  read_id(sent.target, "after", "After", pending.in.token_id, pending);
}

void read_revoke_token(const path_request& sent, call& pending) {
  pending.in.token_id.assign(sent.id);
}

void read_get_backup(const path_request& sent, call& pending) {
  pending.in.backup = to_number(sent.id).value_or(0);
}

void read_stats(const path_request&, call&) {}

}  // namespace factord::protocol

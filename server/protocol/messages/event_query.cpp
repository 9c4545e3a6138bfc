#include "server/protocol/messages/event_query.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "server/protocol/messages/validation.hpp"
#include "server/protocol/wire/uri.hpp"
#include "storage/base/rfc3339.hpp"

namespace factord::protocol {
namespace {

using service::call;
using service::event_filter;

// Each event is held against all of them.
constexpr std::size_t ids_max = 16;

void read_one_of(std::vector<std::string>& ids, std::string_view name, std::string_view field,
                 const std::string& text, call& pending) {
  if (ids.size() == ids_max)
    return reject(pending, std::string(name).append(" is given more than 16 times"));
  check_length(pending, field, text);
  ids.push_back(text);
}

void read_time(std::optional<timestamp>& time, std::string_view name, const std::string& text,
               call& pending) {
  time = parse_rfc3339(text);
  if (!time) {
    reject(pending, std::string(name).append(
                        " must be a time as RFC 3339 has it, such as 2026-01-31T12:00:00Z"));
  }
}

void read_to(const std::string& text, call& pending) {
  read_time(pending.in.filter.to, "to", text, pending);
}

struct reader {
  std::string_view name;
  void (*read)(const std::string& text, call& pending);
};

constexpr auto readers = std::to_array<reader>({
    {"type", add_event_type},
    {"creator", add_event_creator},
    {"org", add_event_org},
    {"from", set_events_from},
    {"to", read_to},
});

}  // namespace

void add_event_type(const std::string& text, call& pending) {
  const auto type = storage::find_event_type(text);
  if (!type) return reject(pending, "type must be that of an event, such as user.locked");
  pending.in.filter.add(*type);
}

void add_event_creator(const std::string& text, call& pending) {
  read_one_of(pending.in.filter.creators, "creator", "Creator", text, pending);
}

void add_event_org(const std::string& text, call& pending) {
  read_one_of(pending.in.filter.orgs, "org", "Organization", text, pending);
}

void set_events_from(const std::string& text, call& pending) {
  read_time(pending.in.filter.from, "from", text, pending);
}

void read_event_filter(std::string_view target, call& pending) {
  std::string name;
  std::string text;
  std::string_view rest = query_of(target);
  while (const auto pair = take_pair(rest)) {
    if (!decode_form(pair->name, name)) continue;
    const auto known = std::ranges::find(readers, name, &reader::name);
    if (known == readers.end()) continue;
    if (!decode_form(pair->value, text))
      return reject(pending, "malformed percent-encoding in the query");
    known->read(text, pending);
  }
  const event_filter& filter = pending.in.filter;
  if (filter.from && filter.to && *filter.from >= *filter.to)
    reject(pending, "from must be before to");
}

}  // namespace factord::protocol

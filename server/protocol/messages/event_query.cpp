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
                 const std::string& text, call& work) {
  if (ids.size() == ids_max)
    return reject(work, std::string(name).append(" is given more than 16 times"));
  check_length(work, field, text);
  ids.push_back(text);
}

void read_time(std::optional<timestamp>& time, std::string_view name, const std::string& text,
               call& work) {
  time = parse_rfc3339(text);
  if (!time) {
    reject(work, std::string(name).append(
                     " must be a time as RFC 3339 has it, such as 2026-01-31T12:00:00Z"));
  }
}

void read_to(const std::string& text, call& work) {
  read_time(work.in.filter.to, "to", text, work);
}

struct reader {
  std::string_view name;
  void (*read)(const std::string& text, call& work);
};

constexpr auto readers = std::to_array<reader>({
    {"type", add_event_type},
    {"creator", add_event_creator},
    {"org", add_event_org},
    {"from", set_events_from},
    {"to", read_to},
});

}  // namespace

void add_event_type(const std::string& text, call& work) {
  const auto type = storage::find_event_type(text);
  if (!type) return reject(work, "type must be that of an event, such as user.locked");
  work.in.filter.add(*type);
}

void add_event_creator(const std::string& text, call& work) {
  read_one_of(work.in.filter.creators, "creator", "Creator", text, work);
}

void add_event_org(const std::string& text, call& work) {
  read_one_of(work.in.filter.orgs, "org", "Organization", text, work);
}

void set_events_from(const std::string& text, call& work) {
  read_time(work.in.filter.from, "from", text, work);
}

void read_event_filter(std::string_view target, call& work) {
  std::string name;
  std::string text;
  std::string_view rest = query_of(target);
  while (const auto pair = take_pair(rest)) {
    if (!decode_form(pair->name, name)) continue;
    const auto known = std::ranges::find(readers, name, &reader::name);
    if (known == readers.end()) continue;
    if (!decode_form(pair->value, text))
      return reject(work, "malformed percent-encoding in the query");
    known->read(text, work);
  }
  const event_filter& filter = work.in.filter;
  if (filter.from && filter.to && *filter.from >= *filter.to)
    reject(work, "from must be before to");
}

}  // namespace factord::protocol

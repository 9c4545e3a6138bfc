#include "server/protocol/messages/event_stream.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "server/protocol/messages/json_event.hpp"
#include "storage/base/ascii.hpp"

namespace factord::protocol {
namespace {

struct form_row {
  event_form which;
  std::string_view media_type;
  std::string_view pause;
};

constexpr auto forms = std::to_array<form_row>({
    {event_form::page, "application/json", ""},
    {event_form::ndjson, "application/x-ndjson", "\n"},
    {event_form::sse, "text/event-stream", ":\n\n"},
});

// How long a browser waits before it connects again.
constexpr std::string_view sse_begin = "retry: 1000\n\n";

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

std::string_view take_until(char end, std::string_view& rest) {
  const std::string_view taken = rest.substr(0, rest.find(end));
  rest.remove_prefix(std::min(rest.size(), taken.size() + 1));
  return without_blanks(taken);
}

// A weight in thousandths (RFC 9110, section 12.4.2); one that is malformed counts in full.
unsigned weight_of(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::string_view one = take_until(';', parameters);
    if (!same_in_any_case(one.substr(0, 2), "q=")) continue;
    const std::string_view value = one.substr(2);
    if (value.empty() || value.front() != '0') return 1000;
    unsigned weight = 0;
    unsigned unit = 100;
    for (const char c : value.substr(std::min<std::size_t>(2, value.size()))) {
      if (c < '0' || c > '9') return 1000;
      weight += static_cast<unsigned>(c - '0') * unit;
      unit /= 10;
    }
    return weight;
  }
  return 1000;
}

void append_event(event_form form, std::string_view store, std::uint64_t sequence,
                  const storage::event_record& event, std::string& out) {
  if (form == event_form::sse) {
    out.append("id: ").append(store).append(":").append(std::to_string(sequence));
    out.append("\ndata: ");
  }
  write_json_event(sequence, event, out);
  out.append(form == event_form::sse ? "\n\n" : "\n");
}

const form_row& row_of(event_form form) { return forms[static_cast<std::size_t>(form)]; }

}  // namespace

event_form find_event_form(std::string_view accept) {
  event_form best = event_form::page;
  unsigned best_weight = 0;
  while (!accept.empty()) {
    std::string_view one = take_until(',', accept);
    const std::string_view type = take_until(';', one);
    for (const form_row& row : forms) {
      if (!same_in_any_case(type, row.media_type)) continue;
      const unsigned weight = weight_of(one);
      if (weight <= best_weight) continue;
      best = row.which;
      best_weight = weight;
    }
  }
  return best;
}

void write_event_part(event_form form, const service::call& done, response& out) {
  out.content_type = row_of(form).media_type;
  out.paced = true;
  out.more = done.out.more;
  if (form == event_form::sse && !done.begun) out.body = sse_begin;
  if (!done.out.has_events()) return;
  const service::event_page& page = *done.out.page;
  out.body += page.written(call_note{.events = form}.packed(), [&](std::string& to) {
    std::size_t index = 0;
    for (const storage::event_record& event : page.events)
      append_event(form, done.out.store_id, page.sequences[index++], event, to);
  });
}

void write_event_pause(event_form form, response& out) {
  out.content_type = row_of(form).media_type;
  out.paced = out.more = true;
  out.body = row_of(form).pause;
}

}  // namespace factord::protocol

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/protocol/messages/json_event.hpp"
#include "server/service/event_filter.hpp"
#include "storage/base/rfc3339.hpp"
#include "storage/engine/wait_for.hpp"
#include "storage/model/event.hpp"
#include "storage/model/event_value.hpp"
#include "tools/common/number.hpp"
#include "tools/factorctl/admin_client.hpp"
#include "tools/factorctl/command_line.hpp"
#include "tools/factorctl/option_checks.hpp"
#include "tools/factorctl/stopped_store.hpp"
#include "tools/factorctl/text_table.hpp"

namespace factord::ctl {
namespace {

using std::filesystem::path;
namespace json = boost::json;

constexpr std::size_t events_per_page = 1'000;

struct events_options {
  std::string after = "0";
  std::string user;
  std::vector<std::string> types;
  std::string since;
  bool follow = false;
};

struct page {
  std::size_t events = 0;
  std::uint64_t position = 0;  ///< where to go on: so far the log was looked at
  bool more = false;           ///< there may be more behind it already
};

// Shorter than we wait for an answer.
constexpr std::string_view wait = "20s";

std::string target(std::uint64_t after, const events_options& options) {
  std::string text = "/admin/v1/events?after=" + std::to_string(after) +
                     "&limit=" + std::to_string(events_per_page);
  if (!options.user.empty()) text += "&user=" + percent_encoded(options.user);
  for (const std::string& type : options.types) text += "&type=" + percent_encoded(type);
  if (!options.since.empty()) text += "&from=" + percent_encoded(options.since);
  if (options.follow) text.append("&wait=").append(wait);
  return text;
}

error out_of_order(std::uint64_t after) {
  return {errc::io_error,
          "the server's events are not in order after sequence " + std::to_string(after)};
}

// Where a page ends that has printed so much: by its own word, where the server ended it early or
// has looked at all there is.
result<page> end_of(const json::object& answer, page printed, std::uint64_t after) {
  const std::string next = member(answer, "next");
  const bool full = printed.events == events_per_page;
  printed.more = !next.empty() || full;
  if (next.empty() && full) return printed;
  const auto position = tools::parse_number(next.empty() ? member(answer, "lastSequence") : next);
  // It must rise, or we would ask for ever.
  if (!position || (!next.empty() && *position <= after)) return out_of_order(after);
  printed.position = std::max(printed.position, *position);
  return printed;
}

// Prints the events of one answer. Sequences must rise.
result<page> print_page(const json::object& answer, std::uint64_t after) {
  page printed{0, after, false};
  const auto* events = answer.if_contains("events");
  if (events == nullptr || !events->is_array()) return end_of(answer, printed, after);
  for (const json::value& event : events->get_array()) {
    const auto* object = event.if_object();
    const auto sequence =
        object != nullptr ? tools::parse_number(member(*object, "sequence")) : std::nullopt;
    if (!sequence || *sequence <= printed.position) return out_of_order(printed.position);
    std::printf("%s\n", printable_json(json::serialize(event)).c_str());
    printed.position = *sequence;
    ++printed.events;
  }
  return end_of(answer, printed, after);
}

result<exit_code> print_events(const path& data_dir, const events_options& options) {
  std::uint64_t after = tools::parse_number(options.after).value_or(0);
  while (true) {
    const auto answer = accepted(ask_server(data_dir, "GET", target(after, options)));
    if (!answer) return answer.error();
    const result<page> printed = print_page(*answer, after);
    if (!printed) return printed.error();
    if (!printed->more && !options.follow) return exit_code::success;
    // Nobody reads on: stop asking. main says so.
    if (options.follow) (void)std::fflush(stdout);
    if (std::ferror(stdout) != 0) return exit_code::failure;
    after = printed->position;
  }
}

service::event_filter filter_of(const events_options& options) {
  service::event_filter filter;
  for (const std::string& type : options.types) {
    if (const auto known = storage::find_event_type(type)) filter.add(*known);
  }
  filter.from = parse_rfc3339(options.since);
  return filter;
}

/// Prints one event as a server does, if it is one that was asked for.
result<std::uint64_t> print_event(const storage::stored_event& event,
                                  const service::event_filter& filter) {
  const auto parts = storage::split_event_value(event.sequence, event.value);
  if (!parts) return parts.error();
  storage::event_record record;
  const auto parsed = storage::parse_event_record(event.sequence, parts->record, record);
  if (!parsed) return parsed.error();
  if (!filter.lets_through(record)) return event.sequence;
  std::string text;
  protocol::write_json_event(event.sequence, record, text);
  std::printf("%s\n", printable_json(text).c_str());
  return event.sequence;
}

result<exit_code> print_stored_events(const storage::store_location& where,
                                      const events_options& options) {
  if (options.follow) {
    return error{errc::bad_argument, "--follow asks a running server: name its --data-dir"};
  }
  const service::event_filter filter = filter_of(options);
  const auto opened = open_unchanging(where);
  if (!opened) return opened.error();
  std::uint64_t after = tools::parse_number(options.after).value_or(0);
  for (;;) {
    const auto page = storage::wait_for<storage::events_answer>([&](auto done) {
      const storage::log_source& store = *opened->store;
      if (options.user.empty()) return store.read_events(after, events_per_page, std::move(done));
      store.read_user_events(options.user, after, events_per_page, std::move(done));
    });
    if (!page) return page.error();
    for (const storage::stored_event& event : page->events) {
      const auto printed = print_event(event, filter);
      if (!printed) return printed.error();
      after = *printed;
    }
    if (page->events.size() < events_per_page) return exit_code::success;
    if (std::ferror(stdout) != 0) return exit_code::failure;
  }
}

}  // namespace

void add_events_command(CLI::App& app, invocation& call) {
  auto* events = app.add_subcommand("events", "Print the event log, one JSON object a line");
  const auto options = std::make_shared<events_options>();
  events->add_option("--after", options->after, "Only events with a sequence above this")
      ->type_name("SEQ")
      ->check(check_sequence);
  events->add_option("--user", options->user, "Only events of this user")
      ->type_name("ID")
      ->check(check_id);
  events->add_option("--type", options->types, "Only events of this type; repeatable")
      ->type_name("TYPE")
      ->allow_extra_args(false)
      ->check(check_event_type);
  events->add_option("--since", options->since, "Only events of this time and later, as RFC 3339")
      ->type_name("TIME")
      ->check(check_time);
  events->add_flag("--follow", options->follow, "Go on as events come, until it is interrupted");
  events->footer(
      "Stops at the end of the log, unless told to follow it.\n\nExamples:\n"
      "  factorctl --data-dir data events --after 1000 --user 100000000000000001\n"
      "  factorctl --data-dir data events --follow --type user.human.mfa.otp.email.removed \\\n"
      "    --since 2026-01-31T12:00:00Z");
  events->callback([options, &call] {
    call.run = [options](const path& data_dir) { return print_events(data_dir, *options); };
    call.run_on_store = [options](const auto& where) {
      return print_stored_events(where, *options);
    };
  });
}

}  // namespace factord::ctl

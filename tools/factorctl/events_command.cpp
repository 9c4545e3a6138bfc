#include <CLI/CLI.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "server/protocol/messages/json_event.hpp"
#include "storage/engine/wait_for.hpp"
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
};

struct page {
  std::size_t events = 0;
  std::uint64_t last_sequence = 0;  ///< of its last event
  bool more = false;                ///< behind it, as a server says that may end it early
};

std::string target(std::uint64_t after, const std::string& user) {
  std::string text = "/admin/v1/events?after=" + std::to_string(after) +
                     "&limit=" + std::to_string(events_per_page);
  if (!user.empty()) text += "&user=" + percent_encoded(user);
  return text;
}

// Prints the events of one answer. Sequences must rise, or we would ask for ever.
result<page> print_page(const json::object& answer, std::uint64_t after) {
  page printed{0, after, !member(answer, "next").empty()};
  const auto* events = answer.if_contains("events");
  if (events == nullptr || !events->is_array()) return printed;
  for (const json::value& event : events->get_array()) {
    const auto* object = event.if_object();
    const auto sequence =
        object != nullptr ? tools::parse_number(member(*object, "sequence")) : std::nullopt;
    if (!sequence || *sequence <= printed.last_sequence) {
      return error{errc::io_error, "the server's events are not in order after sequence " +
                                       std::to_string(printed.last_sequence)};
    }
    std::printf("%s\n", printable_json(json::serialize(event)).c_str());
    printed.last_sequence = *sequence;
    ++printed.events;
  }
  return printed;
}

result<exit_code> print_events(const path& data_dir, const events_options& options) {
  std::uint64_t after = tools::parse_number(options.after).value_or(0);
  while (true) {
    const auto answer = accepted(ask_server(data_dir, "GET", target(after, options.user)));
    if (!answer) return answer.error();
    const result<page> printed = print_page(*answer, after);
    if (!printed) return printed.error();
    if (printed->events < (printed->more ? 1 : events_per_page)) return exit_code::success;
    // Nobody reads on: stop asking. main says so.
    if (std::ferror(stdout) != 0) return exit_code::failure;
    after = printed->last_sequence;
  }
}

/// Prints one event as a server does.
result<std::uint64_t> print_event(const storage::stored_event& event) {
  const auto parts = storage::split_event_value(event.sequence, event.value);
  if (!parts) return parts.error();
  storage::event_record record;
  const auto parsed = storage::parse_event_record(event.sequence, parts->record, record);
  if (!parsed) return parsed.error();
  std::string text;
  protocol::write_json_event(event.sequence, record, text);
  std::printf("%s\n", printable_json(text).c_str());
  return event.sequence;
}

result<exit_code> print_stored_events(const storage::store_location& where,
                                      const events_options& options) {
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
      const auto printed = print_event(event);
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
  events->footer(
      "Stops at the end of the log.\n\nExample:\n"
      "  factorctl --data-dir data events --after 1000 --user 100000000000000001");
  events->callback([options, &call] {
    call.run = [options](const path& data_dir) { return print_events(data_dir, *options); };
    call.run_on_store = [options](const auto& where) {
      return print_stored_events(where, *options);
    };
  });
}

}  // namespace factord::ctl

#include <CLI/CLI.hpp>
#include <array>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "storage/engine/wait_for.hpp"
#include "storage/model/keys.hpp"
#include "storage/model/retries.hpp"
#include "tools/factorctl/admin_client.hpp"
#include "tools/factorctl/backup_text.hpp"
#include "tools/factorctl/command_line.hpp"
#include "tools/factorctl/stats_text.hpp"
#include "tools/factorctl/stopped_store.hpp"

namespace factord::ctl {
namespace {

exit_code print(const boost::json::object& stats, bool as_json) {
  if (as_json) {
    std::printf("%s\n", boost::json::serialize(stats).c_str());
  } else {
    std::fputs(format_stats(stats).c_str(), stdout);
  }
  return exit_code::success;
}

result<exit_code> print_stats(const std::filesystem::path& data_dir, bool as_json) {
  const auto answer = accepted(ask_server(data_dir, "GET", "/admin/v1/stats"));
  if (!answer) return answer.error();
  return print(*answer, as_json);
}

/// What a store says without a server: no counters.
result<exit_code> print_stored_stats(const storage::store_location& where, bool as_json) {
  const auto opened = open_unchanging(where);
  if (!opened) return opened.error();
  std::array<std::string, 1> keys;
  storage::set_retry_queue_key(keys[0]);
  const auto read = storage::wait_for<storage::states_answer>(
      [&](auto done) { opened->store->read_states(keys, std::move(done)); });
  if (!read) return read.error();
  const storage::log_head& head = read->head;
  return print({{"storeId", opened->store->store_id()},
                {"lastSequence", std::to_string(head.sequence)},
                {"headHash", storage::to_hex(head.hash)},
                {"headCreatedAt", time_text(head.created_at)},
                {"keptRetries", std::to_string(storage::count_kept_retries(read->records[0]))}},
               as_json);
}

}  // namespace

void add_stats_command(CLI::App& app, invocation& call) {
  auto* stats = app.add_subcommand("stats", "Print counters and the head of the event log");
  const auto as_json = std::make_shared<bool>(false);
  stats->add_flag("--json", *as_json, "One JSON object, instead of lines of key: value");
  stats->footer(
      "Keep lastSequence and headHash elsewhere to be able to prove later that the end of the\n"
      "log was not cut off or rewritten.\n\nExample:\n  factorctl --data-dir data stats");
  stats->callback([as_json, &call] {
    call.run = [as_json](const std::filesystem::path& data_dir) {
      return print_stats(data_dir, *as_json);
    };
    call.run_on_store = [as_json](const auto& where) {
      return print_stored_stats(where, *as_json);
    };
  });
}

}  // namespace factord::ctl

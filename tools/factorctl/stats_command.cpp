#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <memory>

#include "tools/factorctl/admin_client.hpp"
#include "tools/factorctl/command_line.hpp"
#include "tools/factorctl/stats_text.hpp"

namespace factord::ctl {
namespace {

result<exit_code> print_stats(const std::filesystem::path& data_dir, bool as_json) {
  const auto answer = accepted(ask_server(data_dir, "GET", "/admin/v1/stats"));
  if (!answer) return answer.error();
  if (as_json) {
    std::printf("%s\n", boost::json::serialize(*answer).c_str());
  } else {
    std::fputs(format_stats(*answer).c_str(), stdout);
  }
  return exit_code::success;
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
  });
}

}  // namespace factord::ctl

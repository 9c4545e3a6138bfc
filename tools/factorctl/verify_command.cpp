#include <CLI/CLI.hpp>
#include <cstdio>

#include "storage/audit/verify.hpp"
#include "tools/common/progress_bar.hpp"
#include "tools/factorctl/command_line.hpp"
#include "tools/factorctl/stopped_store.hpp"
#include "tools/factorctl/verify_text.hpp"

namespace factord::ctl {
namespace {

result<storage::verify_report> check(const storage::log_source& store) {
  tools::progress_bar bar;
  return storage::verify(store, [&bar](std::string_view step, std::uint64_t done,
                                       std::uint64_t total) { bar.show(step, done, total); });
}

result<exit_code> verify_store(const storage::store_location& where) {
  const auto opened = open_unchanging(where);
  if (!opened) return opened.error();
  const auto report = check(*opened->store);
  if (!report) return report.error();
  std::fputs(format_report(*report).c_str(), stdout);
  return report->problems.empty() ? exit_code::success : exit_code::failure;
}

}  // namespace

void add_verify_command(CLI::App& app, invocation& call) {
  auto* verify =
      app.add_subcommand("verify", "Check the store; a data directory's server must be stopped");
  verify->footer(
      "Reads everything, changes nothing: that sequences have no gap, that the hash chain "
      "holds,\n"
      "that the state is exactly what the events make it. Ends with ok and exit code 0, or with a\n"
      "line for each problem and exit code 1.\n"
      "A database is checked as it is at one moment, while servers write to it.\n\n"
      "Example:\n  factorctl --data-dir data verify");
  verify->callback([&call] { call.run_on_store = verify_store; });
}

}  // namespace factord::ctl

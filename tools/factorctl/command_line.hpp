#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "storage/base/error.hpp"
#include "storage/open/location.hpp"

namespace CLI {
class App;
}

namespace factord::ctl {

/// What other programs may rely on: 0 done, 1 it failed, 2 the command line makes no sense.
enum class exit_code { success = 0, failure = 1, bad_usage = 2 };

/// What the command line asks for. Filled while it is parsed, run once afterwards.
/// One of the functions is set, or both, by the command that is chosen: output goes to stdout, an
/// error's message is main's to print.
struct invocation {
  std::filesystem::path data_dir;
  std::string store;  ///< a URL
  /// False for the commands that look at neither.
  bool needs_place = true;
  /// Works on a data directory, or on the server that has it.
  std::function<result<exit_code>(const std::filesystem::path& data_dir)> run;
  /// Works on a store itself; where `run` is set as well, on one in a database alone.
  std::function<result<exit_code>(const storage::store_location& store)> run_on_store;
};

/// Each adds a command with its options and help, and sets `call.run` when it is chosen. `call`
/// must outlive `app`.
void add_token_command(CLI::App& app, invocation& call);
void add_remove_command(CLI::App& app, invocation& call);
void add_import_command(CLI::App& app, invocation& call);
void add_seed_command(CLI::App& app, invocation& call);
void add_events_command(CLI::App& app, invocation& call);
void add_verify_command(CLI::App& app, invocation& call);
void add_stats_command(CLI::App& app, invocation& call);
void add_backup_command(CLI::App& app, invocation& call);
void add_backups_command(CLI::App& app, invocation& call);
void add_restore_command(CLI::App& app, invocation& call);
void add_reset_command(CLI::App& app, invocation& call);
void add_urls_command(CLI::App& app, invocation& call);
void add_init_command(CLI::App& app, invocation& call);
void add_copy_command(CLI::App& app, invocation& call);
void add_health_command(CLI::App& app, invocation& call);

}  // namespace factord::ctl

#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>

#include "storage/base/descriptors.hpp"
#include "storage/base/shortage.hpp"
#include "storage/base/standard_output.hpp"
#include "storage/base/want_of_memory.hpp"
#include "tools/factorctl/command_line.hpp"
#include "tools/factorctl/option_checks.hpp"

namespace factord::ctl {
namespace {

constexpr const char* description = "factorctl looks after the store of a factord.\n";

constexpr const char* footer =
    "token, remove, import, events, stats, backup and reset talk to the running server through\n"
    "DIR/admin.sock; seed and verify need the server stopped; restore needs a DIR that is empty\n"
    "or missing; backups, copy, health and urls need none. init, seed, events, stats and verify\n"
    "also take\n"
    "--store, a database, whatever servers it has. Every command has its own --help, with an\n"
    "example.\n\n"
    "A first session:\n"
    "  factorctl --data-dir data seed --users 1000 --org acme\n"
    "  factord --data-dir data &     # go on once it says \"listening on\"\n"
    "  TOKEN=$(factorctl --data-dir data token create --user ops --role IAM_OWNER)\n"
    "  curl -X DELETE -H \"Authorization: Bearer $TOKEN\" \\\n"
    "       http://127.0.0.1:8080/v2/users/100000000000000001/otp_email\n"
    "  factorctl --data-dir data events --user 100000000000000001\n\n"
    "Exit codes: 0 done, 1 it failed, 2 bad usage.";

void describe(CLI::App& app, invocation& call) {
  app.footer(footer);
  app.set_version_flag("--version", std::string("factorctl ") + FACTORD_VERSION,
                       "Show the version");
  app.require_subcommand(1);
  // So that --data-dir may also stand after the command.
  app.fallthrough();
  app.add_option("--data-dir", call.data_dir,
                 "The data directory of the factord (Env:FACTORD_DATA_DIR)")
      ->type_name("DIR")
      ->check(check_not_empty);
  app.add_option("--store", call.store,
                 "postgres://USER@HOST/DB, a database that holds the store (Env:FACTORD_STORE)")
      ->type_name("URL")
      ->check(check_not_empty);
  add_token_command(app, call);
  add_remove_command(app, call);
  add_import_command(app, call);
  add_seed_command(app, call);
  add_events_command(app, call);
  add_verify_command(app, call);
  add_stats_command(app, call);
  add_backup_command(app, call);
  add_backups_command(app, call);
  add_restore_command(app, call);
  add_init_command(app, call);
  add_copy_command(app, call);
  add_health_command(app, call);
  add_reset_command(app, call);
  add_urls_command(app, call);
}

/// What the command line leaves open the environment may say.
void complete_place(invocation& call) {
  if (!call.data_dir.empty() || !call.store.empty()) return;
  const char* const store = call.run_on_store ? std::getenv("FACTORD_STORE") : nullptr;
  const char* const data_dir = std::getenv("FACTORD_DATA_DIR");
  if (store != nullptr && *store != '\0') {
    call.store = store;
  } else if (data_dir != nullptr) {
    call.data_dir = data_dir;
  }
}

/// Ours to check, because it depends on the command.
void check_place(const invocation& call) {
  if (!call.run_on_store && !call.store.empty()) {
    throw CLI::ValidationError{"--store", "this command is for data directories (--data-dir)"};
  }
  if (!call.needs_place) return;
  if (!call.data_dir.empty() && !call.store.empty()) {
    throw CLI::ValidationError{"--store", "it is this or --data-dir, not both"};
  }
  if (call.data_dir.empty() && call.store.empty()) {
    throw CLI::RequiredError{call.run_on_store ? "--data-dir or --store" : "--data-dir"};
  }
}

result<exit_code> execute(const invocation& call) {
  if (!call.store.empty()) {
    const auto where = storage::store_location::in_database(call.store);
    if (!where) return where.error();
    return call.run_on_store(*where);
  }
  if (call.run) return call.run(call.data_dir);
  return call.run_on_store(storage::store_location::in_directory(call.data_dir));
}

exit_code fail(const error& failure) {
  std::fprintf(stderr, "factorctl: %s\n", failure.message.c_str());
  return failure.code == errc::bad_argument ? exit_code::bad_usage : exit_code::failure;
}

exit_code end(exit_code code) {
  return static_cast<exit_code>(end_output("factorctl", static_cast<int>(code)));
}

exit_code run(int argc, char** argv) {
  // 1. What is asked for?
  invocation call;
  CLI::App app{description, "factorctl"};
  describe(app, call);
  try {
    app.parse(argc, argv);
    complete_place(call);
    check_place(call);
  } catch (const CLI::ParseError& stop) {
    if (storage::may_hold_password(stop.what())) {
      std::fputs(
          "An argument was not expected (it is not shown: there may be a password in it)\n"
          "Run with --help for more information.\n",
          stderr);
      return exit_code::bad_usage;
    }
    // --help comes this way too, with 0.
    return app.exit(stop) == 0 ? end(exit_code::success) : exit_code::bad_usage;
  }

  // 2. Do it.
  const result<exit_code> outcome = execute(call);
  return outcome ? end(*outcome) : fail(outcome.error());
}

}  // namespace
}  // namespace factord::ctl

int main(int argc, char** argv) {
  factord::open_standard_files();
  factord::end_where_memory_is_wanting("factorctl: out of memory\n");
  // Whatever is created in a data directory is its owner's alone.
  ::umask(077);
  // A limit on the size of files is an error of the write.
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    return static_cast<int>(factord::ctl::run(argc, argv));
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "factorctl: %s\n", factord::cause_of(failure).c_str());
    return static_cast<int>(factord::ctl::exit_code::failure);
  }
}

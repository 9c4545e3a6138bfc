#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "storage/audit/verify.hpp"
#include "storage/backup/backup_reader.hpp"
#include "tools/common/number.hpp"
#include "tools/common/progress_bar.hpp"
#include "tools/factorctl/backup_text.hpp"
#include "tools/factorctl/command_line.hpp"
#include "tools/factorctl/option_checks.hpp"
#include "tools/factorctl/stopped_store.hpp"
#include "tools/factorctl/verify_text.hpp"

namespace factord::ctl {
namespace {

using std::filesystem::path;

struct backups_options {
  path directory;
  std::string id;
  bool as_json = false;
};

result<exit_code> list(const backups_options& options) {
  const auto backups = storage::backup_reader::open(options.directory);
  if (!backups) return backups.error();
  const auto entries = backups->list();
  std::fputs((options.as_json ? format_backups_as_json(entries) : format_backups(entries)).c_str(),
             stdout);
  return exit_code::success;
}

result<exit_code> verify(const backups_options& options) {
  // 1. Which, and are its files as they were written?
  const auto backups = storage::backup_reader::open(options.directory);
  if (!backups) return backups.error();
  const auto entry = backups->find(backup_id(options.id));
  if (!entry) return entry.error();
  tools::progress_bar bar;
  bar.show("checking", 0, entry->bytes);
  if (const auto whole = backups->check_files(entry->id); !whole) return whole.error();
  bar.show("checking", entry->bytes, entry->bytes);

  // 2. Does what is in them hold together?
  const auto store = backups->open_store(*entry, read_once_options());
  if (!store) return store.error();
  const auto report =
      storage::verify(**store, [&bar](std::string_view step, std::uint64_t done,
                                      std::uint64_t total) { bar.show(step, done, total); });
  if (!report) return report.error();
  std::printf("backupId: %u\nstoreId: %s\n", entry->id, entry->store_id.c_str());
  std::fputs(format_report(*report).c_str(), stdout);
  return report->problems.empty() ? exit_code::success : exit_code::failure;
}

std::shared_ptr<backups_options> add_directory(CLI::App& command) {
  auto options = std::make_shared<backups_options>();
  command.add_option("DEST", options->directory, "Directory of backups")
      ->check(check_not_empty)
      ->required();
  return options;
}

void add_list_backups(CLI::App& backups, invocation& call) {
  auto* command = backups.add_subcommand("list", "List the backups of a directory, oldest first");
  const auto options = add_directory(*command);
  command->add_flag("--json", options->as_json, "One JSON object a line, instead of a table");
  command->footer(
      "BYTES counts all files of a backup, those too that it shares with others; LAST SEQUENCE "
      "and\n"
      "HEAD HASH are those of the store when the backup began.\n\nExample:\n"
      "  factorctl backups list /var/backups/factord");
  command->callback([options, &call] {
    call.needs_place = false;
    call.run = [options](const path&) { return list(*options); };
  });
}

void add_verify(CLI::App& backups, invocation& call) {
  auto* command = backups.add_subcommand("verify", "Check a backup, without restoring it");
  const auto options = add_directory(*command);
  command->add_option("--backup", options->id, "Its id, as list shows it; the newest if not given")
      ->type_name("ID")
      ->check(check_backup_id);
  command->footer(
      "Reads everything, changes nothing: that each file is as it was written, and, as verify "
      "does\n"
      "for a store, that what is in them holds together. Its lastSequence may lie behind that of\n"
      "the backup: what came while it was copied is there as well. Ends with ok and exit code 0, "
      "or\n"
      "with what is wrong and exit code 1.\n\nExample:\n"
      "  factorctl backups verify /var/backups/factord --backup 3");
  command->callback([options, &call] {
    call.needs_place = false;
    call.run = [options](const path&) { return verify(*options); };
  });
}

}  // namespace

void add_backups_command(CLI::App& app, invocation& call) {
  auto* backups = app.add_subcommand("backups", "The backups that there are: list, verify");
  backups->require_subcommand(1);
  backups->footer(
      "Needs no server, and no --data-dir.\n\nExample:\n"
      "  factorctl backups list /var/backups/factord");
  add_list_backups(*backups, call);
  add_verify(*backups, call);
}

}  // namespace factord::ctl

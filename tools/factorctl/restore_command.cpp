#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "storage/backup/backup_reader.hpp"
#include "storage/backup/restore.hpp"
#include "tools/common/number.hpp"
#include "tools/common/progress_bar.hpp"
#include "tools/factorctl/backup_text.hpp"
#include "tools/factorctl/command_line.hpp"
#include "tools/factorctl/option_checks.hpp"
#include "tools/factorctl/ownership.hpp"
#include "tools/factorctl/report.hpp"
#include "tools/factorctl/stopped_store.hpp"

namespace factord::ctl {
namespace {

using std::filesystem::path;

struct restore_options {
  path source;
  std::string id;
  std::string to_sequence;
  bool keep_tokens = false;
};

result<exit_code> restore(const path& data_dir, const restore_options& options) {
  if (const auto ours = check_owner(data_dir); !ours) return ours.error();
  const auto backups = storage::backup_reader::open(options.source);
  if (!backups) return backups.error();
  storage::restore_request request;
  request.backup = backup_id(options.id);
  request.to_sequence = tools::parse_number(options.to_sequence);
  if (options.keep_tokens) request.tokens = storage::live_tokens::keep;
  request.table_files = table_files();
  request.notice = show_notice;

  tools::progress_bar bar;
  const auto made = storage::restore(*backups, request, data_dir,
                                     [&bar](std::string_view step, std::uint64_t done,
                                            std::uint64_t total) { bar.show(step, done, total); });
  if (!made) return made.error();
  return report(format_restored(*made), "the store was restored into " + data_dir.string());
}

}  // namespace

void add_restore_command(CLI::App& app, invocation& call) {
  auto* command = app.add_subcommand("restore", "Make a new store from a backup");
  const auto options = std::make_shared<restore_options>();
  command->add_option("SRC", options->source, "Directory of backups")
      ->check(check_not_empty)
      ->required();
  command->add_option("--backup", options->id, "Its id, as backups list shows it; else the newest")
      ->type_name("ID")
      ->check(check_backup_id);
  command
      ->add_option("--to-sequence", options->to_sequence,
                   "The last event to take over; all of the backup's if not given")
      ->type_name("N")
      ->check(check_event_sequence);
  command->add_flag("--keep-tokens", options->keep_tokens,
                    "Let tokens stay valid, but for those that the backup knows to be revoked");
  command->footer(
      "--data-dir is the new data directory: empty or missing, so nothing is ever overwritten. "
      "The\n"
      "backup's events are checked and replayed under their old sequences and times into a store\n"
      "with a new id: readers of the log see by it that the sequences behind are given anew.\n"
      "Every token is ended by an event, because it may have been revoked after the backup was\n"
      "made: create new ones. With --keep-tokens such a token comes back to life.\n"
      "After a failure nothing is left behind; a restore that is killed leaves "
      "restore.unfinished,\n"
      "which nobody opens and the next restore begins anew.\n\nExample:\n"
      "  factorctl --data-dir fresh restore /var/backups/factord\n"
      "  factorctl --data-dir fresh verify\n"
      "  factorctl --data-dir earlier restore /var/backups/factord --to-sequence 123456");
  command->callback([options, &call] {
    call.run = [options](const path& data_dir) { return restore(data_dir, *options); };
  });
}

}  // namespace factord::ctl

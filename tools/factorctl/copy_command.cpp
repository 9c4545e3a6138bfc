#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "storage/open/copy.hpp"
#include "tools/common/progress_bar.hpp"
#include "tools/factorctl/backup_text.hpp"
#include "tools/factorctl/command_line.hpp"
#include "tools/factorctl/option_checks.hpp"
#include "tools/factorctl/ownership.hpp"
#include "tools/factorctl/report.hpp"
#include "tools/factorctl/stopped_store.hpp"

namespace factord::ctl {
namespace {

struct copy_options {
  std::string from;
  std::string to;
  bool end_tokens = false;
};

result<exit_code> copy(const copy_options& options) {
  // 1. Do both make sense? Before anything is made.
  const auto from = storage::store_location::parse(options.from);
  if (!from) return from.error();
  const auto to = storage::store_location::parse(options.to);
  if (!to) return to.error();
  if (!to->is_shared()) {
    if (const auto ours = check_owner(to->directory()); !ours) return ours.error();
  }
  const auto opened = open_unchanging(*from);
  if (!opened) return opened.error();

  // 2. Copy.
  storage::copy_request request;
  if (options.end_tokens) request.tokens = storage::live_tokens::end;
  request.table_files = table_files() / 2;
  request.notice = show_notice;
  tools::progress_bar bar;
  const auto made =
      storage::copy_store(*opened->store, *to, request,
                          [&bar](std::string_view step, std::uint64_t done, std::uint64_t total) {
                            bar.show(step, done, total);
                          });
  if (!made) return made.error();
  return report(format_copied(opened->store->store_id(), *made),
                "the store was copied to " + to->shown());
}

}  // namespace

void add_copy_command(CLI::App& app, invocation& call) {
  auto* command = app.add_subcommand("copy", "Make a new store of the whole log of another");
  const auto options = std::make_shared<copy_options>();
  command->add_option("--from", options->from, "A data directory, or postgres://…")
      ->type_name("PLACE")
      ->check(check_not_empty)
      ->required();
  command->add_option("--to", options->to, "The same; there must be no store there")
      ->type_name("PLACE")
      ->check(check_not_empty)
      ->required();
  command->add_flag("--end-tokens", options->end_tokens,
                    "End every token by an event, instead of taking them over");
  command->footer(
      "The events are checked and replayed under their old sequences and times into a store with\n"
      "a new id. A data directory that is read needs its server stopped, so that no event comes\n"
      "behind; of a database what is there at the beginning is copied: stop its servers first, or\n"
      "what they go on to write stays behind. After a failure nothing is left behind; a copy that\n"
      "is killed leaves what nobody opens.\n\nExample:\n"
      "  factorctl copy --from data --to postgres://factord@db1/factord\n"
      "  factorctl copy --from postgres://factord@db1/factord --to fresh");
  command->callback([options, &call] {
    call.needs_place = false;
    call.run = [options](const std::filesystem::path&) { return copy(*options); };
  });
}

}  // namespace factord::ctl

#include <CLI/CLI.hpp>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "storage/model/hash_chain.hpp"
#include "tools/common/progress_bar.hpp"
#include "tools/factorctl/admin_client.hpp"
#include "tools/factorctl/command_line.hpp"
#include "tools/factorctl/option_checks.hpp"
#include "tools/factorctl/removal_batch.hpp"
#include "tools/factorctl/report.hpp"

namespace factord::ctl {
namespace {

using std::filesystem::path;

constexpr std::string_view bulk_target = "/admin/v1/users/otp_email/_bulk_remove";

struct remove_options {
  path from;
  path failures;
  std::string key;
  bool dry_run = false;
};

result<std::string> read_file(const path& from) {
  std::ifstream in(from, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) return error{errc::io_error, "cannot read " + from.string()};
  return text;
}

// The same file has the same key, so a run goes on where an earlier one ended.
std::string key_of(std::string_view file) {
  return "factorctl-" + storage::to_hex(storage::sha256().of(file));
}

class removal_run {
 public:
  removal_run(path data_dir, const remove_options& options)
      : data_dir_(std::move(data_dir)), options_(options) {}

  result<exit_code> run() {
    const auto file = read_file(options_.from);
    if (!file) return file.error();
    const result<void> removed = remove_all(*file);
    if (!counts_.failed) return removed ? tell() : result<exit_code>(removed.error());
    std::ofstream out(options_.failures, std::ios::binary | std::ios::trunc);
    out << failures_ << std::flush;
    if (!out) return error{errc::io_error, "cannot write " + options_.failures.string()};
    if (!removed) return removed.error();
    return tell();
  }

 private:
  result<void> remove_all(std::string_view file) {
    const std::string key = options_.key.empty() ? key_of(file) : options_.key;
    const std::string where = std::string(bulk_target) + (options_.dry_run ? "?dryRun=true" : "");
    const std::size_t all = file.size();
    std::uint64_t line = 1;
    tools::progress_bar bar;
    while (!file.empty()) {
      const removal_batch batch = take_removals(file, line);
      const auto answer =
          send_lines(data_dir_, where, key + "-" + std::to_string(line), batch.text);
      if (!answer) return answer.error();
      if (answer->status != 200) return error{errc::io_error, answer->text};
      const auto counted = count_removals(batch, answer->text, counts_, failures_);
      if (!counted) return counted.error();
      line += batch.lines;
      bar.show("bytes", all - file.size(), all);
    }
    return {};
  }

  result<exit_code> tell() const {
    std::string said =
        (options_.dry_run ? "would remove " : "removed ") + std::to_string(counts_.removed);
    if (counts_.replayed != 0)
      said += ", " + std::to_string(counts_.replayed) + " of them by an earlier run";
    if (counts_.failed != 0)
      said += "; " + std::to_string(counts_.failed) + " failed: " + options_.failures.string();
    const auto told = report(said + '\n', said);
    if (!told || counts_.failed == 0) return told;
    return exit_code::failure;
  }

  const path data_dir_;
  const remove_options& options_;
  removal_counts counts_;
  std::string failures_;
};

}  // namespace

void add_remove_command(CLI::App& app, invocation& call) {
  auto* command = app.add_subcommand("remove", "Remove the factors of many users, by a file");
  const auto options = std::make_shared<remove_options>();
  command->add_option("--from", options->from, "A user a line: an id, or {\"userId\":\"ID\"}")
      ->type_name("FILE")
      ->check(check_not_empty)
      ->required();
  command
      ->add_option("--failures", options->failures,
                   "Where to write what was not removed, and why (default FILE.failed)")
      ->type_name("FILE")
      ->check(check_not_empty);
  command->add_option("--key", options->key, "What the run is called (default: by the file's text)")
      ->type_name("KEY")
      ->check(check_not_empty);
  command->add_flag("--dry-run", options->dry_run, "Only say what would be");
  command->footer(
      "Each user is a removal of its own. A run that was cut short is started again with the same\n"
      "file: what it had done is not done again. Exit code 1 where some were not removed.\n"
      "\nExample:\n  factorctl --data-dir data remove --from leavers.txt");
  command->callback([options, &call] {
    if (options->failures.empty()) options->failures = options->from.string() + ".failed";
    call.run = [options](const path& data_dir) { return removal_run(data_dir, *options).run(); };
  });
}

}  // namespace factord::ctl

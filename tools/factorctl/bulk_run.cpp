#include "tools/factorctl/bulk_run.hpp"

#include <CLI/CLI.hpp>
#include <fstream>
#include <iterator>
#include <utility>

#include "storage/model/hash_chain.hpp"
#include "tools/common/progress_bar.hpp"
#include "tools/factorctl/admin_client.hpp"
#include "tools/factorctl/option_checks.hpp"
#include "tools/factorctl/report.hpp"

namespace factord::ctl {
namespace {

using std::filesystem::path;

result<std::string> read_file(const path& from) {
  std::ifstream in(from, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) return error{errc::io_error, "cannot read " + from.string()};
  return text;
}

result<void> write_file(const path& to, std::string_view text, std::ios::openmode how) {
  std::ofstream out(to, std::ios::binary | how);
  out << text << std::flush;
  if (!out) return error{errc::io_error, "cannot write " + to.string()};
  return {};
}

// The same file has the same key, so a run goes on where an earlier one ended.
std::string key_of(std::string_view file) {
  return "factorctl-" + storage::to_hex(storage::sha256().of(file));
}

class bulk_run {
 public:
  bulk_run(const path& data_dir, const bulk_task& task, const bulk_options& options)
      : data_dir_(data_dir), task_(task), options_(options) {}

  result<exit_code> run() {
    const auto file = read_file(options_.from);
    if (!file) return file.error();
    const result<void> sent = send_all(*file);
    if (results_.failed == 0) return sent ? tell() : result<exit_code>(sent.error());
    const auto kept = write_file(options_.failures, results_.failures, std::ios::trunc);
    if (!kept) return kept.error();
    return sent ? tell() : result<exit_code>(sent.error());
  }

 private:
  result<void> send_all(std::string_view file) {
    const std::string key = options_.key.empty() ? key_of(file) : options_.key;
    const std::size_t all = file.size();
    std::uint64_t line = 1;
    tools::progress_bar bar;
    while (!file.empty()) {
      const bulk_batch batch = take_batch(file, line, task_.rules);
      const result<void> sent = send(batch, key + "-" + std::to_string(line));
      if (!sent) return sent;
      line += batch.lines;
      bar.show("bytes", all - file.size(), all);
    }
    return {};
  }

  result<void> send(const bulk_batch& batch, const std::string& key) {
    const std::string target = std::string(task_.target) + (options_.dry_run ? "?dryRun=true" : "");
    const auto answer = send_lines(data_dir_, {target, key, options_.org, batch.text});
    if (!answer) return answer.error();
    if (answer->status != 200) return error{errc::io_error, answer->text};
    const result<void> counted = count_answers(batch, answer->text, results_);
    const result<void> kept = keep_codes();
    return counted ? kept : counted;
  }

  // At once, and behind those of earlier runs: they are told this one time.
  result<void> keep_codes() {
    if (results_.codes.empty()) return {};
    const std::string text = std::exchange(results_.codes, {});
    codes_ = true;
    return write_file(options_.codes, text, std::ios::app);
  }

  result<exit_code> tell() const {
    std::string said(options_.dry_run ? task_.would : task_.done);
    said += " " + std::to_string(results_.done);
    if (results_.replayed != 0)
      said += ", " + std::to_string(results_.replayed) + " of them by an earlier run";
    if (codes_) said += "; codes of emails: " + options_.codes.string();
    if (results_.failed != 0)
      said += "; " + std::to_string(results_.failed) + " failed: " + options_.failures.string();
    const auto told = report(said + '\n', said);
    if (!told || results_.failed == 0) return told;
    return exit_code::failure;
  }

  const path& data_dir_;
  const bulk_task& task_;
  const bulk_options& options_;
  bulk_results results_;
  bool codes_ = false;  ///< there were some
};

}  // namespace

void add_bulk_options(CLI::App& command, bulk_options& options) {
  command
      .add_option("--failures", options.failures,
                  "Where to write what was not done, and why (default FILE.failed)")
      ->type_name("FILE")
      ->check(check_not_empty);
  command.add_option("--key", options.key, "What the run is called (default: by the file's text)")
      ->type_name("KEY")
      ->check(check_not_empty);
  command.add_flag("--dry-run", options.dry_run, "Only say what would be");
}

void complete(bulk_options& options) {
  if (options.failures.empty()) options.failures = options.from.string() + ".failed";
  if (options.codes.empty()) options.codes = options.from.string() + ".codes";
}

result<exit_code> run_bulk(const path& data_dir, const bulk_task& task,
                           const bulk_options& options) {
  return bulk_run(data_dir, task, options).run();
}

}  // namespace factord::ctl

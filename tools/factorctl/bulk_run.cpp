#include "tools/factorctl/bulk_run.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/parse.hpp>
#include <utility>

#include "storage/model/hash_chain.hpp"
#include "tools/common/progress_bar.hpp"
#include "tools/factorctl/admin_client.hpp"
#include "tools/factorctl/bulk_files.hpp"
#include "tools/factorctl/option_checks.hpp"
#include "tools/factorctl/report.hpp"

namespace factord::ctl {
namespace {

using std::filesystem::path;

// The same file has the same key, so a run goes on where an earlier one ended.
std::string key_of(std::string_view file) {
  return "factorctl-" + storage::to_hex(storage::sha256().of(file));
}

bool asks_for_codes(std::string_view file) {
  return file.find("returnCode") != file.npos || file.find("return_code") != file.npos;
}

// An answer to the request as a whole.
error refusal(const line_answer& answer) {
  boost::system::error_code bad;
  const auto said = accepted(admin_answer{answer.status, boost::json::parse(answer.text, bad)});
  return {errc::io_error, said ? "the server's answer is not lines" : said.error().message};
}

class bulk_run {
 public:
  bulk_run(const path& data_dir, const bulk_task& task, const bulk_options& options)
      : data_dir_(data_dir),
        task_(task),
        options_(options),
        failures_(options.failures, "--failures"),
        codes_(options.codes, "--codes") {}

  result<exit_code> run() {
    const auto apart = check_apart(options_.from, options_.failures, options_.codes);
    if (!apart) return apart.error();
    const auto file = read_lines(options_.from);
    if (!file) return file.error();
    const result<void> ready = open_files(*file);
    if (!ready) return ready.error();
    const result<void> sent = send_all(*file);
    return sent ? tell() : result<exit_code>(stopped(sent.error()));
  }

 private:
  // A code is told once, so there is a place for it first.
  result<void> open_files(std::string_view file) {
    const bool coded = !options_.codes.empty() && !options_.dry_run && asks_for_codes(file);
    const auto opened = coded ? codes_.open() : result<void>();
    return opened ? failures_.open_if_there() : opened;
  }

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
    if (!answer) {
      begun_ = begun_ || answer.error().code != errc::unavailable;
      return answer.error();
    }
    if (answer->status != 200) return answer->cut ? *answer->cut : refusal(*answer);
    const auto cleared = std::exchange(begun_, true) ? result<void>() : failures_.clear();
    const std::string_view text = answer->text;
    const auto counted = count_answers(batch, text.substr(0, text.rfind('\n') + 1), results_);
    const result<void> kept = keep_codes();
    const result<void> told = keep_failures();
    for (const result<void>& done : {kept, cleared, told}) {
      if (!done) return done.error();
    }
    return answer->cut ? result<void>(*answer->cut) : counted;
  }

  // At once, and behind those of earlier runs: they are told this one time.
  result<void> keep_codes() {
    if (results_.codes.empty()) return {};
    any_codes_ = true;
    return codes_.append(std::exchange(results_.codes, {}));
  }

  result<void> keep_failures() {
    if (results_.failures.empty()) return {};
    const auto kept = failures_.append(std::exchange(results_.failures, {}));
    failures_kept_ = kept.has_value();
    return kept;
  }

  [[nodiscard]] std::string summary() const {
    const std::uint64_t would = results_.would;
    std::string said(options_.dry_run ? task_.would : task_.done);
    said += " " + std::to_string(results_.done + (options_.dry_run ? would : 0));
    if (results_.replayed != 0)
      said += ", " + std::to_string(results_.replayed) + " of them by an earlier run";
    if (!options_.dry_run && would != 0)
      said += "; " + std::string(task_.would) + " " + std::to_string(would);
    if (any_codes_) said += "; codes of emails: " + options_.codes.string();
    if (results_.failed != 0) said += "; " + std::to_string(results_.failed) + " failed";
    if (failures_kept_) said += ": " + options_.failures.string();
    return said;
  }

  [[nodiscard]] result<exit_code> tell() const {
    const std::string said = summary();
    const auto told = report(said + '\n', said);
    if (!told || results_.failed == 0) return told;
    return exit_code::failure;
  }

  // Without a word on what is done where nothing can be.
  [[nodiscard]] error stopped(const error& why) const {
    if (!begun_) return why;
    std::string said = why.message + "; by then " + summary();
    if (!options_.dry_run)
      said += "; the same command goes on from there: what is done is not done again";
    return {why.code, said};
  }

  const path& data_dir_;
  const bulk_task& task_;
  const bulk_options& options_;
  line_file failures_;
  line_file codes_;
  bulk_results results_;
  bool begun_ = false;  ///< some of it may be done
  bool any_codes_ = false;
  bool failures_kept_ = false;
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
}

result<exit_code> run_bulk(const path& data_dir, const bulk_task& task,
                           const bulk_options& options) {
  return bulk_run(data_dir, task, options).run();
}

}  // namespace factord::ctl

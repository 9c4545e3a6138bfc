#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "storage/base/error.hpp"
#include "tools/factorctl/bulk_batch.hpp"
#include "tools/factorctl/command_line.hpp"

namespace factord::ctl {

/// What is done for each line of a file, and how that is told.
struct bulk_task {
  std::string_view target;  ///< of the server's bulk
  std::string_view done;    ///< "removed", of what was
  std::string_view would;   ///< "would remove", of a dry run
  line_rules rules;
};

struct bulk_options {
  std::filesystem::path from;
  std::filesystem::path failures;
  std::filesystem::path codes;  ///< empty: there are none
  std::string key;
  std::string org;
  bool dry_run = false;
};

/// Those that every bulk has.
void add_bulk_options(CLI::App& command, bulk_options& options);

/// Fills in what was left open: a file for failures beside that of the lines.
void complete(bulk_options& options);

/// Sends a file to a bulk of the running server in batches, each under a key that the file's text
/// gives it, so that a run goes on where an earlier one ended. Shows how far it is, writes failures
/// and codes to files, where there are some, and says what was done; where it ends early, why, and
/// how the rest is done. Failures of an earlier run go when this one has its first answer.
/// errc::bad_argument, before anything is done, where two of the files are one.
[[nodiscard]] result<exit_code> run_bulk(const std::filesystem::path& data_dir,
                                         const bulk_task& task, const bulk_options& options);

}  // namespace factord::ctl

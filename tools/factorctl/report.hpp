#pragma once

#include <string>

#include "tools/factorctl/command_line.hpp"

namespace factord::ctl {

/// For a command that has changed something: prints `text`, at once. Where that does not get out,
/// even because nobody reads it (a closed pipe, which ends those that only show something), fails
/// with errc::io_error and says what was `done`, as a sentence without its full stop.
[[nodiscard]] result<exit_code> report(const std::string& text, const std::string& done);

}  // namespace factord::ctl

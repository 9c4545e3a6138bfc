#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/config/config.hpp"
#include "server/config/settings.hpp"

/// What file, environment and command line say, one over the other.
namespace factord {

/// What holds so far, and where it comes from.
struct settled {
  config values;
  setting_sources from;
};

/// One source's values of one setting. `source` names it in messages, e.g. "--threads".
/// errc::bad_argument where one is none, as all that follows.
[[nodiscard]] result<void> apply(const setting& one, const std::vector<std::string>& values,
                                 const std::string& source, settled& out);

/// All that a file says.
[[nodiscard]] result<void> apply_file(const std::string& path, settled& out);

/// All that variables say. Those of lists are split at commas, but before an option of a value, as
/// in "unix:PATH,mode=0660".
[[nodiscard]] result<void> apply_environment(const environment& variables, settled& out);

/// What to add to a message about a name that is not known: ": is --listen meant?", or nothing.
/// Without a prefix it stands in a file.
[[nodiscard]] std::string question_about(const std::string& unknown, std::string_view prefix);

}  // namespace factord

#pragma once

#include <filesystem>
#include <string>

#include "storage/base/error.hpp"

/// Whose files are whose.
namespace factord::ctl {

/// "uid 998 (factord)", or without the name where there is none.
[[nodiscard]] std::string user_text(unsigned uid);

/// "it belongs to uid 998, and this is uid 1000: ..."
[[nodiscard]] std::string say_whose(unsigned owner);

/// Before a command makes files in a directory. errc::unavailable, naming both users, where we are
/// root and it is another's: what root makes its owner could not read. A directory that is missing
/// will be ours.
[[nodiscard]] result<void> check_owner(const std::filesystem::path& directory);

}  // namespace factord::ctl

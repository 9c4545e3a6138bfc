#pragma once

#include <filesystem>
#include <string>

#include "storage/base/error.hpp"

namespace factord::ctl {

/// Why DIR/admin.sock could not be connected to, with `failure` as its errno, and what to do about
/// it: no directory, no permission, nobody there, or a process on DIR that does not answer. An
/// errc::unavailable.
[[nodiscard]] error unreachable(const std::filesystem::path& data_dir, int failure);

/// "it belongs to uid 998, and this is uid 1000: ..."
[[nodiscard]] std::string say_whose(unsigned owner);

}  // namespace factord::ctl

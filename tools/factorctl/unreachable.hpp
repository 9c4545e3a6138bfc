#pragma once

#include <filesystem>

#include "storage/base/error.hpp"

namespace factord::ctl {

/// Why DIR/admin.sock could not be connected to, with `failure` as its errno, and what to do about
/// it: no directory, no permission, nobody there, or a process on DIR that does not answer. An
/// errc::unavailable.
[[nodiscard]] error unreachable(const std::filesystem::path& data_dir, int failure);

}  // namespace factord::ctl

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace factord {

/// What of the machine this process may use: by its affinity and its control groups, whose limits
/// hold for all that are below them.
struct machine_share {
  unsigned cores = 1;                         ///< of a part of one, one
  std::optional<std::uint64_t> memory_bytes;  ///< nothing: as much as there is
};

/// Version 2 of control groups, or 1, where /proc and /sys tell of them below `root`. What cannot
/// be read limits nothing.
[[nodiscard]] machine_share find_machine_share(const std::filesystem::path& root = "/");

}  // namespace factord

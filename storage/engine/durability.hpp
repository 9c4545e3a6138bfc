#pragma once

#include <string_view>

namespace factord::storage {

/// When a commit counts as done. `disk`: written and fsynced. `process`: written to the operating
/// system, fsynced within 100 ms; survives the death of the process, not of the machine. `memory`:
/// kept by the process alone, and gone with it.
enum class durability { disk, process, memory };

[[nodiscard]] std::string_view name(durability mode) noexcept;

}  // namespace factord::storage

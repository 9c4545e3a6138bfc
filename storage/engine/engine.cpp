#include "storage/engine/engine.hpp"

namespace factord::storage {

std::string_view name(durability mode) noexcept {
  return mode == durability::disk ? "disk" : "process";
}

result<void> engine::compact() { return {}; }

result<backup_entry> engine::back_up(const std::filesystem::path& /*directory*/,
                                     const backup_progress& /*progress*/) const {
  return error{errc::bad_argument, "this engine keeps no files to make a backup of"};
}

}  // namespace factord::storage

#include "storage/engine/engine.hpp"

namespace factord::storage {

result<void> engine::compact() { return {}; }

result<log_head> engine::reset() {
  return error{errc::bad_argument, "this store has kept nothing that it could be led back to"};
}

result<backup_entry> engine::back_up(const std::filesystem::path& /*directory*/,
                                     const backup_progress& /*progress*/) const {
  return error{errc::bad_argument, "this engine keeps no files to make a backup of"};
}

}  // namespace factord::storage

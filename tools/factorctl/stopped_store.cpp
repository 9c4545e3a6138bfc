#include "tools/factorctl/stopped_store.hpp"

#include <cstdio>
#include <utility>

namespace factord::ctl {

result<storage::directory_lock> lock_stopped(const std::filesystem::path& data_dir) {
  auto lock = storage::directory_lock::take(data_dir);
  if (!lock && lock.error().code == errc::store_locked) {
    return error{errc::store_locked,
                 "factord is running on " + data_dir.string() + ": stop it first"};
  }
  return lock;
}

void show_notice(std::string_view text) {
  std::fprintf(stderr, "factorctl: %.*s\n", static_cast<int>(text.size()), text.data());
}

}  // namespace factord::ctl

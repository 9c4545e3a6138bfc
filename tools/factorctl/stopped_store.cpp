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

storage::store_options read_once_options() {
  storage::store_options options;
  // Each record is read once or twice: a cache gains little.
  options.block_cache_bytes = 32U << 20U;
  options.notice = show_notice;
  return options;
}

void show_notice(std::string_view text) {
  std::fprintf(stderr, "factorctl: %.*s\n", static_cast<int>(text.size()), text.data());
}

}  // namespace factord::ctl

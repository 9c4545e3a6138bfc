#include "tools/factorctl/stopped_store.hpp"

#include <cstdio>
#include <utility>

#include "server/base/descriptor_budget.hpp"
#include "storage/base/descriptors.hpp"
#include "tools/factorctl/admin_client.hpp"

namespace factord::ctl {

result<storage::directory_lock> lock_stopped(const std::filesystem::path& data_dir) {
  auto lock = storage::directory_lock::take(data_dir);
  if (!lock && lock.error().code == errc::store_locked) {
    const std::string dir = data_dir.string();
    return error{errc::store_locked,
                 is_answered(data_dir)
                     ? "factord is running on " + dir + ": stop it first"
                     : dir +
                           " is in use by another process, which does not answer on admin.sock: "
                           "a factord that starts or ends, or another factorctl. Wait for its "
                           "end, or stop it"};
  }
  return lock;
}

result<readable_store> open_unchanging(const storage::store_location& where) {
  readable_store opened;
  if (!where.is_shared()) {
    auto lock = lock_stopped(where.directory());
    if (!lock) return lock.error();
    opened.lock = *std::move(lock);
  }
  auto store =
      storage::open_to_read(where, opened.lock ? &*opened.lock : nullptr, read_once_options());
  if (!store) return store.error();
  opened.store = *std::move(store);
  return opened;
}

std::size_t table_files() {
  static const std::size_t files = descriptor_budget::table_files_alone(raise_descriptor_limit());
  return files;
}

storage::store_options read_once_options() {
  storage::store_options options;
  options.table_files = table_files();
  // Each record is read once or twice: a cache gains little.
  options.block_cache_bytes = 32U << 20U;
  options.notice = show_notice;
  return options;
}

void show_notice(std::string_view text) {
  std::fprintf(stderr, "factorctl: %.*s\n", static_cast<int>(text.size()), text.data());
}

}  // namespace factord::ctl

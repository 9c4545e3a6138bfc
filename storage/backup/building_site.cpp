#include "storage/backup/building_site.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "storage/base/file_descriptor.hpp"
#include "storage/base/held_directory.hpp"

namespace factord::storage {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t cache_bytes = 32U << 20U;
constexpr std::size_t buffer_bytes = 32U << 20U;

}  // namespace

store_options lean_store_options(std::size_t table_files, notice_sink notice) {
  store_options options;
  options.mode = durability::process;
  options.write_buffer_bytes = buffer_bytes;
  options.block_cache_bytes = cache_bytes;
  options.table_files = table_files;
  options.notice = std::move(notice);
  return options;
}

building_site::building_site(directory_lock lock, bool made)
    : lock_(std::move(lock)), inner_(directory().place() / unfinished_restore), made_(made) {}

result<std::unique_ptr<building_site>> building_site::open(const fs::path& dir) {
  const bool made = ::mkdir(dir.c_str(), private_directory) == 0;
  if (!made && errno != EEXIST) return os_error("creating " + dir.string());
  auto lock = directory_lock::take(dir);
  if (!lock) return lock.error();
  const auto fits = check_restorable(lock->directory()->place());
  if (!fits) return with_paths(fits.error());
  std::unique_ptr<building_site> site{new building_site{*std::move(lock), made}};
  site->clear();
  const auto prepared = prepare_directory(site->inner_);
  if (!prepared) return with_paths(prepared.error());
  return site;
}

building_site::~building_site() {
  clear();
  std::error_code ignored;
  // By its path, which may lead to somebody else's by now.
  if (made_ && !published_ && directory().check_path()) fs::remove(directory().path(), ignored);
}

result<built_store> building_site::build(const log_source& from, const replay_plan& plan,
                                         const store_options& options,
                                         const build_progress& progress) {
  const auto lock = directory_lock::take(inner_);
  if (!lock) return lock.error();
  const auto store = open_store(inner_, *lock, options);
  if (!store) return store.error();
  auto made = replay(from, plan, **store, [&progress](std::uint64_t done, std::uint64_t total) {
    progress("events", done, total);
  });
  if (!made) return made.error();
  if (const auto synced = (*store)->sync(); !synced) return synced.error();
  progress("compacting", 0, 0);
  if (const auto compacted = (*store)->compact(); !compacted) return compacted.error();
  return built_store{(*store)->store_id(), *made};
}

result<void> building_site::publish() {
  const fs::path place = directory().place();
  if (::rename(store_path(inner_).c_str(), store_path(place).c_str()) != 0) {
    return os_error("moving the store to " + store_path(directory().path()).string());
  }
  published_ = true;
  if (made_) {
    if (const auto synced = sync_directory(place / ".."); !synced) return synced;
  }
  if (const auto synced = sync_directory(place); !synced) return synced;
  return directory().check_path();
}

void building_site::clear() {
  std::error_code ignored;
  fs::remove_all(inner_, ignored);
}

}  // namespace factord::storage

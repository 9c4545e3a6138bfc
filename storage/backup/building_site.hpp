#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "storage/audit/replay.hpp"
#include "storage/base/error.hpp"
#include "storage/engine/log_source.hpp"
#include "storage/rocksdb/data_directory.hpp"
#include "storage/rocksdb/store.hpp"

namespace factord::storage {

/// For a store that is read or written once from end to end: caches gain little, and memory stays
/// small. Nothing is answered for before all is done, so one sync at the end is enough (`process`).
[[nodiscard]] store_options lean_store_options(std::size_t table_files, notice_sink notice);

/// Called now and then with the step's name and how far it is.
using build_progress =
    std::function<void(std::string_view step, std::uint64_t done, std::uint64_t total)>;

struct built_store {
  std::string store_id;
  replay_report replayed;
};

/// A data directory in which a store is made beside its place, so that one that is not whole is
/// never in it. Removes what it has made, but for the store once that is moved to its place. One
/// thread.
class building_site {
 public:
  /// Makes DIR if it is missing, and locks it. errc::already_exists where it holds a store,
  /// errc::not_a_store where anything else (check_restorable).
  [[nodiscard]] static result<std::unique_ptr<building_site>> open(
      const std::filesystem::path& dir);
  ~building_site();
  building_site(const building_site&) = delete;
  building_site& operator=(const building_site&) = delete;

  /// Replays a log into a new store beside the place, and makes that durable. Fails as replay.
  [[nodiscard]] result<built_store> build(const log_source& from, const replay_plan& plan,
                                          const store_options& options,
                                          const build_progress& progress);

  /// Moves the store to its place.
  [[nodiscard]] result<void> publish();

 private:
  building_site(directory_lock lock, bool made);
  [[nodiscard]] const held_directory& directory() const { return *lock_.directory(); }
  void clear();

  const directory_lock lock_;
  const std::filesystem::path inner_;  ///< as a data directory of its own; what lies under the
                                       ///< place of DIR, whatever its path leads to by now
  const bool made_;
  bool published_ = false;
};

}  // namespace factord::storage

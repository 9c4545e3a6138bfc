#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "storage/base/clock.hpp"
#include "storage/base/error.hpp"
#include "storage/model/hash_chain.hpp"

namespace factord::storage {

/// What a backup holds: a store up to the event that was its last when the backup began, so all
/// that had been answered by then.
struct backup_entry {
  std::uint32_t id = 0;     ///< counts up in its directory
  bool damaged = false;     ///< what follows cannot be read
  timestamp taken_at{};     ///< in whole seconds
  std::uint64_t bytes = 0;  ///< of all its files, those that it shares with other backups too
  std::string store_id;
  std::uint64_t sequence = 0;  ///< of the last event
  digest hash{};               ///< of the chain there
};

/// Told now and then, from the thread that makes the backup, how many bytes are copied; a total of
/// 0 is unknown. False ends the backup.
using backup_progress = std::function<bool(std::uint64_t copied, std::uint64_t total)>;

/// A store of which backups can be made.
class backup_source {
 public:
  backup_source() = default;
  backup_source(const backup_source&) = delete;
  backup_source& operator=(const backup_source&) = delete;
  virtual ~backup_source() = default;

  /// Adds a backup of the store to those in a directory: everything up to the head at this moment
  /// (storage/rocksdb/backup_writer.hpp). Any thread, for seconds to minutes, beside all the rest
  /// and, as it calls back on that thread alone, also once the store has been told to stop().
  /// errc::bad_argument where there are no files of ours to copy.
  [[nodiscard]] virtual result<backup_entry> back_up(const std::filesystem::path& directory,
                                                     const backup_progress& progress) const = 0;
};

}  // namespace factord::storage

#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "storage/base/error.hpp"
#include "storage/base/thread.hpp"
#include "storage/engine/backup_source.hpp"

namespace factord::storage {

enum class backup_state { running, done, failed };

[[nodiscard]] std::string_view name(backup_state state) noexcept;

/// How a backup stands.
struct backup_status {
  std::uint64_t number = 0;  ///< of the backups that this process began, from 1
  backup_state state = backup_state::running;
  std::filesystem::path directory;
  std::uint64_t copied_bytes = 0;
  std::uint64_t total_bytes = 0;  ///< 0: not known
  backup_entry made{};            ///< done: what was made
  std::string message;            ///< failed: why
};

/// Makes backups of a store, one at a time, on a thread that lives as long as the backup: they take
/// as long as the disk does, and neither a shard nor the commit thread has that time. Any thread
/// may call.
class backup_job {
 public:
  explicit backup_job(const backup_source& store) : store_(store) {}
  backup_job(const backup_job&) = delete;
  backup_job& operator=(const backup_job&) = delete;
  /// Stops, and waits.
  ~backup_job();

  /// Begins one and returns its number. errc::already_exists while another is running,
  /// errc::unavailable after stop() and where no thread can be had for it: then nothing was begun.
  [[nodiscard]] result<std::uint64_t> start(const std::filesystem::path& directory);

  /// Of the one that was begun last; nothing where none was.
  [[nodiscard]] std::optional<backup_status> last() const;

  /// What the last one made that succeeded; nothing where none has.
  [[nodiscard]] std::optional<backup_entry> last_made() const;

  /// Ends the one that is running, soon, and takes no more.
  void stop();
  /// Returns once none is running. After stop().
  void wait();

 private:
  void run(const std::filesystem::path& directory);
  result<backup_entry> back_up(const std::filesystem::path& directory);

  const backup_source& store_;
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::optional<backup_status> last_;
  std::optional<backup_entry> last_made_;
  bool stopping_ = false;
  thread thread_;
};

}  // namespace factord::storage

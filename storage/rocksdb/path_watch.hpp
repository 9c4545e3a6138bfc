#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <vector>

#include "storage/base/error.hpp"
#include "storage/base/held_directory.hpp"
#include "storage/base/thread.hpp"

namespace factord::storage {

/// Looks, now and then, whether the paths of directories that are in use still lead to them, and at
/// whatever else a disk has to be asked for, on a thread of its own: the look may take as long as a
/// disk that hangs.
class path_watch {
 public:
  /// `tell` is called once, on that thread, when one does not; then the watch is over. `look` is
  /// called there at once, and each time.
  path_watch(
      std::vector<shared_directory> watched, std::chrono::milliseconds interval,
      std::function<void(const error& failure)> tell, std::function<void()> look = [] {});
  /// Tells nobody afterwards.
  ~path_watch();
  path_watch(const path_watch&) = delete;
  path_watch& operator=(const path_watch&) = delete;

 private:
  void run();
  /// False where the watch ended.
  [[nodiscard]] bool wait();

  // Constant after construction.
  const std::vector<shared_directory> watched_;
  const std::chrono::milliseconds interval_;
  const std::function<void(const error& failure)> tell_;
  const std::function<void()> look_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;  ///< guarded by mutex_
  thread thread_;       ///< last: it uses all of these
};

}  // namespace factord::storage

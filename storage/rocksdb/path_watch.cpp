#include "storage/rocksdb/path_watch.hpp"

#include <utility>

namespace factord::storage {

path_watch::path_watch(std::vector<shared_directory> watched, std::chrono::milliseconds interval,
                       std::function<void(const error& failure)> tell, std::function<void()> look)
    : watched_(std::move(watched)),
      interval_(interval),
      tell_(std::move(tell)),
      look_(std::move(look)),
      thread_("paths", [this] { run(); }) {}

path_watch::~path_watch() {
  {
    const std::lock_guard lock{mutex_};
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void path_watch::run() {
  for (look_(); wait(); look_()) {
    for (const shared_directory& one : watched_) {
      if (const auto leads = one->check_path(); !leads) return tell_(leads.error());
    }
  }
}

bool path_watch::wait() {
  std::unique_lock lock{mutex_};
  return !changed_.wait_for(lock, interval_, [this] { return ended_; });
}

}  // namespace factord::storage

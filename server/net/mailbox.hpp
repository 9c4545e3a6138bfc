#pragma once

#include <mutex>
#include <span>
#include <vector>

namespace factord::net {

/// Letters from other threads to one shard. Whoever puts into an empty box wakes the shard, so a
/// batch costs one wake-up, however many letters it has.
template <class T>
class mailbox {
 public:
  /// Any thread. True where the box was empty: the caller must make the shard take().
  [[nodiscard]] bool put(std::span<const T> letters) {
    const std::lock_guard lock(mutex_);
    const bool was_empty = letters_.empty();
    letters_.insert(letters_.end(), letters.begin(), letters.end());
    return was_empty && !letters.empty();
  }

  /// The shard. Replaces what is in `out`, whose memory the box goes on with.
  void take(std::vector<T>& out) {
    out.clear();
    const std::lock_guard lock(mutex_);
    letters_.swap(out);
  }

 private:
  std::mutex mutex_;
  std::vector<T> letters_;  ///< guarded by mutex_
};

}  // namespace factord::net

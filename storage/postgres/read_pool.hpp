#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "storage/base/thread.hpp"
#include "storage/postgres/read_session.hpp"

namespace factord::storage {

/// The readers of a process: look-ups on one connection, walks over ranges on another, each with a
/// thread that waits for the database, so that who asks does not, and no look-up for a walk. What
/// waits while others are under way is asked for together. Where nothing waits for long, look-ups
/// have a look at the standbys. Any thread.
class read_pool {
 public:
  enum class line { look_ups, walks };

  /// The latch and the watch outlive it.
  read_pool(const session_rules& rules, head_latch& latch, primary_watch& watch,
            const read_session::connect& connect);
  /// Answers what it was given, then ends.
  ~read_pool();
  read_pool(const read_pool&) = delete;
  read_pool& operator=(const read_pool&) = delete;

  /// Its `done` is called on the line's thread, and may call this. Its turn comes within
  /// session_rules::read_time, or it fails with errc::unavailable.
  void ask(line in, read_job job);

  /// Returns once nothing is left to do, not even what a callback has asked for. Not from one.
  void wait();

 private:
  struct reader {
    reader(const session_rules& rules, head_latch& latch, primary_watch& watch,
           read_session::connect connect)
        : session(rules, latch, watch, std::move(connect)) {}
    std::deque<read_job> waiting;  ///< guarded by mutex_
    read_session session;          ///< of its thread
    thread running;
  };

  void serve(reader& of);
  [[nodiscard]] bool take(reader& of, std::vector<read_job>& jobs);

  const std::chrono::milliseconds look_time_;
  const std::chrono::milliseconds read_time_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t open_ = 0;  ///< jobs without an answer; guarded by mutex_
  bool ending_ = false;   ///< guarded by mutex_
  reader look_ups_;
  reader walks_;
};

}  // namespace factord::storage

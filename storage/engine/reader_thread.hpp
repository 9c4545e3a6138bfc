#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>

#include "storage/base/thread.hpp"

namespace factord::storage {

/// The thread on which an engine walks ranges, so that who asks for one does not wait: a walk may
/// sort a memtable (tens of milliseconds) or read hundreds of blocks. Jobs are done one after the
/// other, in the order in which they came.
class reader_thread {
 public:
  reader_thread();
  /// Does what it was given, then ends.
  ~reader_thread();
  reader_thread(const reader_thread&) = delete;
  reader_thread& operator=(const reader_thread&) = delete;

  /// Any thread, a job's too. The job must not throw.
  void run(std::function<void()> job);

  /// Returns once nothing is left to do, not even what a job has asked for. Not from a job.
  void wait();

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::deque<std::function<void()>> jobs_;
  std::uint64_t given_ = 0;
  std::uint64_t done_ = 0;
  bool ending_ = false;

  thread thread_;  ///< last: it uses all of these
};

}  // namespace factord::storage

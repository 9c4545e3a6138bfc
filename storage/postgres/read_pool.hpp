#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "storage/base/thread.hpp"
#include "storage/postgres/read_queue.hpp"
#include "storage/postgres/read_session.hpp"
#include "storage/postgres/readers.hpp"

namespace factord::storage {

/// The readers of a server: two threads.
class read_pool final : public readers {
 public:
  read_pool(const session_rules& rules, std::unique_ptr<read_session> look_ups,
            std::unique_ptr<read_session> walks);
  /// Answers what it was given, then ends.
  ~read_pool() override;
  read_pool(const read_pool&) = delete;
  read_pool& operator=(const read_pool&) = delete;

  void ask(line in, read_job job) override;
  void wait() override;

 private:
  struct reader {
    read_queue waiting;                           ///< guarded by mutex_
    const std::unique_ptr<read_session> session;  ///< of its thread
    thread running;
  };

  void serve(reader& of);
  [[nodiscard]] bool take(reader& of, std::vector<read_job>& jobs);

  const std::chrono::milliseconds look_time_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t open_ = 0;  ///< jobs without an answer; guarded by mutex_
  bool ending_ = false;   ///< guarded by mutex_
  reader look_ups_;
  reader walks_;
};

}  // namespace factord::storage

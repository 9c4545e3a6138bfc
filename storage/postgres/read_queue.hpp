#pragma once

#include <cstddef>
#include <deque>
#include <utility>
#include <vector>

#include "storage/postgres/read_job.hpp"

namespace factord::storage {

/// Reads that wait for their turn on one connection. Of whoever has the lock on it.
class read_queue {
 public:
  void add(read_job job) { waiting_.push_back(std::move(job)); }
  [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }

  /// What shares the next round trip: what has waited longest, up to a bound.
  [[nodiscard]] std::vector<read_job> take() {
    std::vector<read_job> jobs;
    while (!waiting_.empty() && jobs.size() < jobs_at_once) {
      jobs.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
    return jobs;
  }

 private:
  static constexpr std::size_t jobs_at_once = 64;

  std::deque<read_job> waiting_;
};

}  // namespace factord::storage

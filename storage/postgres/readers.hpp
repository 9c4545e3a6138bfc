#pragma once

#include "storage/postgres/read_job.hpp"

namespace factord::storage {

/// The readers of a process: look-ups on one session, walks over ranges on another, each with a
/// thread that waits for the database, so that who asks does not, and no look-up for a walk. What
/// waits while others are under way is asked for together. Where nothing waits for
/// session_rules::look_time, look-ups have a look at the standbys. Any thread.
class readers {
 public:
  enum class line { look_ups, walks };

  /// As whatever it is does it, so that every read is answered.
  virtual ~readers() = default;

  /// Its `done` is called on the line's thread, and may call this. Its turn comes within
  /// session_rules::read_time, or it fails with errc::unavailable.
  virtual void ask(line in, read_job job) = 0;

  /// Returns once nothing is left to do, not even what a callback has asked for. Not from one.
  virtual void wait() = 0;
};

}  // namespace factord::storage

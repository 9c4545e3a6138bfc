#pragma once

#include <cstdint>

namespace factord::metrics {

/// What the system knows of this process. What it does not say is 0.
struct process_facts {
  double cpu_seconds = 0;  ///< of all threads, in the kernel too
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  double start_time = 0;  ///< in seconds of the Unix epoch
  std::uint64_t open_files = 0;
  std::uint64_t most_files = 0;
  std::uint64_t threads = 0;

  [[nodiscard]] static process_facts read();
};

}  // namespace factord::metrics

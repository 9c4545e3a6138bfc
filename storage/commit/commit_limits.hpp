#pragma once

#include <cstddef>

namespace factord::storage {

/// What waits in a commit queue, and what one batch of it takes, at most.
struct commit_limits {
  std::size_t queue_commands = 65'536;
  std::size_t queue_bytes = 64U << 20U;
  std::size_t batch_commands = 4'096;
  std::size_t batch_bytes = 1U << 20U;
};

}  // namespace factord::storage

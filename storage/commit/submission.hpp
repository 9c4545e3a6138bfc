#pragma once

#include <cstdint>

/// What the commit queue is told and says of commands.
namespace factord::storage {

/// Who goes first. Commands of one lane are decided in the order of their submit().
enum class lane : std::uint8_t {
  single,  ///< somebody waits for this one
  bulk,    ///< one of many of its sender
};

/// How far the commit thread is.
struct queue_progress {
  std::uint64_t steps = 0;  ///< another number after each step
  bool has_work = false;    ///< it is at one, or something waits for it
};

enum class submit_status {
  accepted,
  full,    ///< a bound of the queue is reached: nothing was queued
  failed,  ///< the store failed earlier: nothing was queued
  closed,  ///< close() was called: nothing was queued
};

}  // namespace factord::storage

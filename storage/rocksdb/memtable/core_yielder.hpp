#pragma once

#include <rocksdb/table_properties.h>

#include <chrono>
#include <cstdint>
#include <memory>

namespace factord::storage {

/// Offers the core to others between the steps of long work in the background.
///
/// A scheduler may let a thread finish its slice before one that just woke up gets the core (Linux
/// since 6.6: up to the next tick, 4 ms at 250 Hz). A flush would make the commit thread and the
/// shards wait that long, again and again. Giving the thread a lower priority would not do: nothing
/// that a plain user may set lets it keep up where the cores are busy for long.
///
/// One thread.
class core_yielder {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  struct scheduler {
    time_point (*now)();
    void (*yield)();  ///< returns when this thread has its turn again
  };
  /// The system's.
  static const scheduler kernel;

  /// `steps` are those between two offers: of some tens of microseconds together.
  explicit core_yielder(std::uint32_t steps, const scheduler& from = kernel);

  void step() {
    if (++done_ == steps_) offer();
  }

  /// How many times as long as it works this may wait for its turn. Beyond, it does not offer: a
  /// machine that is busy with other things slows it down, but not to a halt. What it waits
  /// elsewhere (preempted, for the disk) counts as work.
  static constexpr int patience = 4;

 private:
  void offer();

  const std::uint32_t steps_;
  const scheduler& from_;
  std::uint32_t done_ = 0;
  time_point resumed_;
  std::chrono::nanoseconds worked_{0};
  std::chrono::nanoseconds waited_{0};
};

/// For a family of which flushes and merges shall share their core, key by key.
[[nodiscard]] std::shared_ptr<rocksdb::TablePropertiesCollectorFactory> core_yielding_tables();

}  // namespace factord::storage

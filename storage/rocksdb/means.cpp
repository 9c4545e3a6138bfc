#include "storage/rocksdb/means.hpp"

#include <rocksdb/env.h>

#include <mutex>
#include <semaphore>

#include "storage/base/shortage.hpp"

namespace factord::storage {

namespace {

/// RocksDB starts its threads while it opens or in the middle of a write. So they are there before,
/// as many as it wants for two background jobs, and have run: a thread takes a share of the address
/// space when it first allocates. They are the process's, whatever it opens: started once.
void start_threads() {
  static std::once_flag started;
  static std::counting_semaphore run{0};  // outlives them
  std::call_once(started, [] {
    rocksdb::Env& env = *rocksdb::Env::Default();
    for (const auto pool : {rocksdb::Env::Priority::HIGH, rocksdb::Env::Priority::LOW}) {
      env.SetBackgroundThreads(1, pool);
      env.Schedule([](void*) { run.release(); }, nullptr, pool);
      run.acquire();
    }
  });
}

/// For what little there is of each table, and of each log that is being read.
constexpr std::size_t beside_the_log = 32U << 20U;

}  // namespace

result<void> secure_means(const store_options& options) {
  start_threads();
  // The log is read into memtables. An allocation that fails then meets assertions (arena.cc:
  // "tracker_->is_freed()").
  const auto enough = check_memory(options.write_buffer_bytes + beside_the_log);
  if (enough) return {};
  return error{enough.error().code, enough.error().message + " for opening the store"};
}

}  // namespace factord::storage

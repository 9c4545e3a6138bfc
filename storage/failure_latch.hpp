#pragma once

#include <rocksdb/listener.h>

#include <mutex>
#include <optional>

#include "storage/base/error.hpp"

namespace factord::storage {

/// Remembers the first failure of a database for good. RocksDB takes a write again after it has
/// recovered by itself, but what failed before is then in an unknown state: the refusal must be
/// ours. Told of background errors by RocksDB's threads, and of failed writes by the commit thread.
class failure_latch final : public rocksdb::EventListener {
 public:
  void set(const error& failure);
  [[nodiscard]] std::optional<error> get() const;

  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* status) override;
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason reason, rocksdb::Status status,
                            bool* auto_recovery) override;

 private:
  mutable std::mutex mutex_;
  std::optional<error> first_;  ///< guarded by mutex_
};

}  // namespace factord::storage

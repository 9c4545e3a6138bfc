#pragma once

#include <rocksdb/listener.h>

#include <functional>
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
  /// The same of what fails in no call: whoever is to be told of those is.
  void set_in_background(const error& failure);
  [[nodiscard]] std::optional<error> get() const;
  /// As engine::on_background_failure. Whoever is told may not come back here.
  void on_background_failure(std::function<void(const error& failure)> tell);

  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* status) override;
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason reason, rocksdb::Status status,
                            bool* auto_recovery) override;

 private:
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::optional<error> first_;
  bool in_background_ = false;  ///< no caller hears of first_
  std::function<void(const error& failure)> tell_;
};

}  // namespace factord::storage

#include "storage/failure_latch.hpp"

#include "storage/rocksdb_status.hpp"

namespace factord::storage {

void failure_latch::set(const error& failure) {
  const std::lock_guard lock{mutex_};
  if (!first_) first_ = failure;
}

std::optional<error> failure_latch::get() const {
  const std::lock_guard lock{mutex_};
  return first_;
}

void failure_latch::OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) {
  if (status != nullptr && !status->ok()) set(to_error(*status, "background work of the store"));
}

void failure_latch::OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                                         bool* auto_recovery) {
  *auto_recovery = false;
}

}  // namespace factord::storage

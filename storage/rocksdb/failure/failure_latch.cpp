#include "storage/rocksdb/failure/failure_latch.hpp"

#include <utility>

#include "storage/base/held_directory.hpp"
#include "storage/rocksdb/failure/status.hpp"

namespace factord::storage {

void failure_latch::set(const error& failure) {
  const std::lock_guard lock{mutex_};
  if (!first_) first_ = with_paths(failure);
}

void failure_latch::set_in_background(const error& failure) {
  const std::lock_guard lock{mutex_};
  if (first_) return;
  first_ = with_paths(failure);
  in_background_ = true;
  if (tell_) tell_(*first_);
}

void failure_latch::on_background_failure(std::function<void(const error& failure)> tell) {
  const std::lock_guard lock{mutex_};
  tell_ = std::move(tell);
  if (in_background_ && tell_) tell_(*first_);
}

std::optional<error> failure_latch::get() const {
  const std::lock_guard lock{mutex_};
  return first_;
}

void failure_latch::OnBackgroundError(rocksdb::BackgroundErrorReason reason,
                                      rocksdb::Status* status) {
  using enum rocksdb::BackgroundErrorReason;
  if (status == nullptr || status->ok()) return;
  const std::lock_guard lock{mutex_};
  if (first_) return;
  first_ = to_error(*status, "background work of the store");
  // These two are of a write, which fails as well.
  in_background_ = reason != kWriteCallback && reason != kMemTable;
  if (in_background_ && tell_) tell_(*first_);
}

void failure_latch::OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                                         bool* auto_recovery) {
  *auto_recovery = false;
}

}  // namespace factord::storage

#include "storage/engine/backup_job.hpp"

#include <exception>
#include <utility>

#include "storage/base/check.hpp"

namespace factord::storage {

std::string_view name(backup_state state) noexcept {
  switch (state) {
    case backup_state::running:
      return "running";
    case backup_state::done:
      return "done";
    case backup_state::failed:
      return "failed";
  }
  FACTORD_CHECK(false && "every state has a name");
  return {};
}

backup_job::~backup_job() {
  stop();
  wait();
}

result<std::uint64_t> backup_job::start(const std::filesystem::path& directory) {
  const std::lock_guard lock{mutex_};
  if (stopping_) return error{errc::unavailable, "the server is shutting down"};
  if (last_ && last_->state == backup_state::running) {
    return error{errc::already_exists,
                 "a backup into " + last_->directory.string() + " is being made: wait for its end"};
  }
  // The thread of the one before has said its last; at most it has still to return.
  thread_.join();
  const std::uint64_t number = last_ ? last_->number + 1 : 1;
  auto before =
      std::exchange(last_, backup_status{.number = number, .directory = directory, .message = {}});
  try {
    thread_ = thread{"backup", [this, directory] { run(directory); }};
  } catch (const std::exception& failure) {
    // Nothing was begun, so there is nothing to wait for.
    last_ = std::move(before);
    return error{errc::unavailable,
                 std::string{"no thread can be started for the backup: "} + failure.what()};
  }
  return number;
}

void backup_job::run(const std::filesystem::path& directory) {
  const auto made = back_up(directory);
  const std::lock_guard lock{mutex_};
  last_->state = made ? backup_state::done : backup_state::failed;
  if (made) {
    last_->made = *made;
    last_made_ = *made;
  } else {
    last_->message = made.error().message;
  }
}

/// What it throws is a failure of the backup, not of the process.
result<backup_entry> backup_job::back_up(const std::filesystem::path& directory) {
  try {
    return store_.back_up(directory, [this](std::uint64_t copied, std::uint64_t total) {
      const std::lock_guard lock{mutex_};
      last_->copied_bytes = copied;
      last_->total_bytes = total;
      return !stopping_;
    });
  } catch (const std::exception& failure) {
    return error{errc::io_error, std::string{"making a backup: "} + failure.what()};
  }
}

std::optional<backup_status> backup_job::last() const {
  const std::lock_guard lock{mutex_};
  return last_;
}

std::optional<backup_entry> backup_job::last_made() const {
  const std::lock_guard lock{mutex_};
  return last_made_;
}

void backup_job::stop() {
  const std::lock_guard lock{mutex_};
  stopping_ = true;
}

void backup_job::wait() {
  thread running;
  {
    const std::lock_guard lock{mutex_};
    FACTORD_CHECK(stopping_);
    running = std::move(thread_);
  }
  running.join();
}

}  // namespace factord::storage

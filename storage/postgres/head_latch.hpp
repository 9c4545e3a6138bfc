#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "storage/base/error.hpp"
#include "storage/model/log_head.hpp"

namespace factord::storage {

/// The newest event of the log that this process has seen. The database may change behind its
/// address, to one that has lost what was answered: then the log there ends before that event, or
/// holds another one in its place, and this process stops for good, as after a failed fsync. Any
/// thread.
class head_latch {
 public:
  struct point {
    std::uint64_t sequence = 0;
    digest hash{};
    std::uint64_t token_epoch = 0;
  };

  /// As of now: what has to be in whatever is read from now on. Sequence 0 is in every log.
  [[nodiscard]] point newest() const;

  /// A head that was read after newest() gave `expected`. Latches it if it is newer; fails, now and
  /// ever after, with errc::storage_failed where it is older, or another one.
  [[nodiscard]] result<void> see(const log_head& head, const point& expected);

  /// The hash of the event at `expected`, as a new connection has it: nothing where it has none.
  [[nodiscard]] result<void> see_event(const point& expected, std::optional<std::string_view> hash);

  /// Stops for good: every later call of the store fails with this, as errc::storage_failed.
  error fence(std::string why);
  [[nodiscard]] std::optional<error> fenced() const;

  /// Whom to tell of it, as engine::on_background_failure.
  void on_fenced(std::function<void(const error& failure)> tell);

 private:
  mutable std::mutex mutex_;  ///< guards all below
  point newest_;
  std::optional<error> fenced_;
  std::function<void(const error& failure)> tell_;
};

}  // namespace factord::storage

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "storage/base/error.hpp"
#include "storage/postgres/session_rules.hpp"

namespace factord::storage {

/// Which of several hosts is connected to. Each is tried in its turn; of those that are primaries
/// the one with the newest timeline is taken, the first of these, and none with a timeline before
/// `oldest`. No I/O, no clock. One thread.
class host_choice {
 public:
  using time = std::chrono::steady_clock::time_point;

  host_choice(const session_rules& rules, std::size_t hosts, time by, std::uint32_t oldest)
      : connect_time_(rules.connect_time),
        by_(by),
        oldest_(oldest),
        left_(hosts),
        alone_(hosts == 1) {}

  /// By when the next host has to be there. No host is waited for longer than
  /// session_rules::connect_time, and each of several has its share of the time, so that one that
  /// says nothing takes none of the others'.
  [[nodiscard]] time next_by(time now);

  /// That host is a primary with this timeline: whether it is taken, in place of one before it.
  [[nodiscard]] bool takes(const std::string& host, std::uint32_t timeline);
  /// It cannot be used.
  void refused(const std::string& host, const error& why);

  /// Why, where none was taken.
  [[nodiscard]] const error& why_none() const { return *failed_; }

 private:
  const std::chrono::milliseconds connect_time_;
  const time by_;
  const std::uint32_t oldest_;
  std::size_t left_;
  const bool alone_;
  std::optional<std::uint32_t> taken_;
  std::optional<error> failed_;
};

}  // namespace factord::storage

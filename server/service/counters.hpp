#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>

#include "server/service/answer.hpp"
#include "server/service/operation.hpp"
#include "server/service/read_failures.hpp"
#include "storage/base/enum_table.hpp"
#include "storage/model/event.hpp"

namespace factord::service {

/// What the process has answered, committed and failed to read since it started. Any thread.
class counters {
 public:
  void answered(operation op, status_code code) noexcept {
    answers_[index(op, code)].fetch_add(1, std::memory_order_relaxed);
  }
  void committed(std::span<const storage::event_type> types) noexcept {
    for (const storage::event_type type : types) {
      events_[static_cast<std::size_t>(type)].fetch_add(1, std::memory_order_relaxed);
    }
  }

  [[nodiscard]] read_failures& failed_reads() noexcept { return failed_reads_; }
  [[nodiscard]] const read_failures& failed_reads() const noexcept { return failed_reads_; }

  [[nodiscard]] std::uint64_t answers(operation op, status_code code) const noexcept {
    return answers_[index(op, code)].load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t events(storage::event_type type) const noexcept {
    return events_[static_cast<std::size_t>(type)].load(std::memory_order_relaxed);
  }

 private:
  static constexpr std::size_t index(operation op, status_code code) noexcept {
    return static_cast<std::size_t>(op) * count_of<status_code> + static_cast<std::size_t>(code);
  }

  std::array<std::atomic<std::uint64_t>, operation_count * count_of<status_code>> answers_{};
  std::array<std::atomic<std::uint64_t>, storage::event_type_count + 1> events_{};
  read_failures failed_reads_;
};

}  // namespace factord::service

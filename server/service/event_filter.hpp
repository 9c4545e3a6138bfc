#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "storage/base/clock.hpp"
#include "storage/model/event.hpp"
#include "storage/model/records.pb.h"

namespace factord::service {

/// Which events of the log are asked for: those that have one of each that is named here, at a time
/// from `from` on and before `to`. What is empty lets all through.
struct event_filter {
  std::uint32_t types = 0;  ///< a bit for each, by its number
  std::vector<std::string> creators;
  std::vector<std::string> orgs;
  std::optional<timestamp> from;
  std::optional<timestamp> to;

  void add(storage::event_type type) noexcept { types |= 1U << static_cast<unsigned>(type); }

  /// True where it may hold something back.
  [[nodiscard]] bool narrows() const noexcept;
  [[nodiscard]] bool lets_through(const storage::event_record& event) const noexcept;
  /// True where neither this event nor any behind it is let through: times of the log never go
  /// back.
  [[nodiscard]] bool ends_before(const storage::event_record& event) const noexcept;
  [[nodiscard]] bool begins_after(const storage::event_record& event) const noexcept;
};
static_assert(storage::event_type_count < 32);

}  // namespace factord::service

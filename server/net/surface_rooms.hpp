#pragma once

#include <array>
#include <cstddef>

#include "server/base/budget.hpp"
#include "server/protocol/wire/route.hpp"
#include "storage/base/enum_table.hpp"

namespace factord::net {

/// What the connections of one surface may have, on all shards together.
struct surface_room {
  budget connections;
  budget buffers;  ///< bytes: part of those of all surfaces
};

/// By surface. Each has connections of its own: whoever operates a full server gets in, and whoever
/// watches it keeps nobody out.
class surface_rooms {
 public:
  using connection_limits = std::array<std::size_t, count_of<protocol::surface>>;

  /// `buffers` outlives it.
  surface_rooms(const connection_limits& most, budget& buffers)
      : rooms_{{{budget(most[0]), budget(&buffers)},
                {budget(most[1]), budget(&buffers)},
                {budget(most[2]), budget(&buffers)}}} {}

  [[nodiscard]] surface_room& operator[](protocol::surface which) noexcept {
    return rooms_[static_cast<std::size_t>(which)];
  }
  [[nodiscard]] const surface_room& operator[](protocol::surface which) const noexcept {
    return rooms_[static_cast<std::size_t>(which)];
  }

 private:
  std::array<surface_room, count_of<protocol::surface>> rooms_;
};

}  // namespace factord::net

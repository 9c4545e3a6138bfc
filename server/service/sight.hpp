#pragma once

#include "server/service/commands.hpp"

namespace factord::service {

/// Whether the caller of a write has a right to hear how things stand with whom it is about.
enum class sight {
  visible,
  hidden,   ///< removed users keep their owner, so that nobody else learns that there was one
  refused,  ///< the decision says so
};

/// Reads the target's user, which must be wanted.
[[nodiscard]] sight sight_of(const question& asked, known_states states);

}  // namespace factord::service

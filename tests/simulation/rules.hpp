#pragma once

#include <cstdint>
#include <string_view>

#include "tests/simulation/history.hpp"
#include "tests/simulation/request.hpp"

namespace factord::simulation {

/// What a client is to be told.
struct verdict {
  unsigned status = 200;
  std::string_view error_id;

  friend bool operator==(const verdict&, const verdict&) = default;
};

/// Whether a caller of this token can be refused without a look at the store.
[[nodiscard]] bool may_nowhere(const request_seen& asked, const token_then& caller);

/// The answer that the contract gives to a request of this caller at one position of the log: the
/// tables of the API, written once more. `caller` is null over the admin socket.
[[nodiscard]] verdict decide(const history& past, std::uint64_t position, const request_seen& asked,
                             const token_then* caller);

/// The entity tag of a list's answer there; 0 where it has none.
[[nodiscard]] std::uint64_t tag_of(const history& past, std::uint64_t position,
                                   const request_seen& asked, const token_then* caller);

}  // namespace factord::simulation

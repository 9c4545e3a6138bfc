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
  std::uint64_t replays = 0;  ///< the event of the first request with its key; 0: it is done itself

  friend bool operator==(const verdict&, const verdict&) = default;
};

/// Whether a caller of this token can be refused without a look at the store.
[[nodiscard]] bool may_nowhere(const request_seen& asked, const token_then& caller);

/// The answer that the contract gives to a request of this caller at one position of the log: the
/// tables of the API, written once more. `caller` is null over the admin socket. `time`: of the
/// log, when it was decided, by which keys end.
[[nodiscard]] verdict decide(const history& past, std::uint64_t position, const request_seen& asked,
                             const token_then* caller, std::int64_t time);

/// Whether this event, of whoever asked, is what such a request does. Of an AddHumanUser with a
/// verified email it is the first of the two.
[[nodiscard]] bool is_event_of(const history& past, std::uint64_t sequence,
                               const request_seen& asked);

/// The entity tag of a list's answer there; 0 where it has none.
[[nodiscard]] std::uint64_t tag_of(const history& past, std::uint64_t position,
                                   const request_seen& asked, const token_then* caller);

}  // namespace factord::simulation

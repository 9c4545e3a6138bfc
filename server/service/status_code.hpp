#pragma once

#include <cstdint>
#include <string_view>

namespace factord::service {

/// The codes of gRPC, which every protocol's own status follows from.
enum class status_code : std::uint8_t {
  ok = 0,
  cancelled = 1,
  unknown = 2,
  invalid_argument = 3,
  deadline_exceeded = 4,
  not_found = 5,
  already_exists = 6,
  permission_denied = 7,
  resource_exhausted = 8,
  failed_precondition = 9,
  aborted = 10,
  out_of_range = 11,
  unimplemented = 12,
  internal = 13,
  unavailable = 14,
  data_loss = 15,
  unauthenticated = 16,
  count_,  ///< none: how many there are
};

/// An error that a client can rely on: code, error id and text are part of the wire contract.
struct failure {
  status_code code;
  std::string_view id;  ///< empty for errors without one (validation, routing, overload)
  std::string_view message;
};

}  // namespace factord::service

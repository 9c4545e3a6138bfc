#pragma once

#include "server/protocol/wire/dialect.hpp"

namespace factord::protocol {

/// JSON over the paths below /v2 and /admin (API.md, sections 2 and 3).
extern const dialect json_dialect;

}  // namespace factord::protocol

#pragma once

#include <memory>

#include "server/base/limits.hpp"
#include "server/protocol/wire/authority.hpp"
#include "server/protocol/wire/codec.hpp"
#include "server/protocol/wire/date_clock.hpp"

namespace factord::protocol {

/// A codec that speaks this version, with our routes. What it is given outlives it.
[[nodiscard]] std::unique_ptr<codec> make_codec(http_version version, const limits& bounds,
                                                const date_clock& date, host_rule hosts);

}  // namespace factord::protocol

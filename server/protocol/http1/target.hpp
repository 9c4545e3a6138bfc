#pragma once

#include <string>
#include <string_view>

#include "server/protocol/wire/authority.hpp"

namespace factord::protocol::http1 {

/// Sets `out` to the path and query of a request target (RFC 9112, section 3.2): origin form as it
/// is, absolute form without its scheme and authority, asterisk form where `asterisk_allowed`.
/// False where it is none of these, names a host that is none, or holds a fragment.
[[nodiscard]] bool reduce_target(std::string_view target, bool asterisk_allowed, host_rule hosts,
                                 std::string& out);

}  // namespace factord::protocol::http1

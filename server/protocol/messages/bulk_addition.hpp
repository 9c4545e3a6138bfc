#pragma once

#include "server/protocol/messages/bulk.hpp"

namespace factord::protocol {

/// BulkAddHumanUser: a line is an AddHumanUser, and may ask for the factor as well.
extern const bulk_kind bulk_addition;

/// More than any takes that is let in, however its text is escaped: nine texts of 200 code points,
/// each of at most two escapes of six bytes.
inline constexpr std::size_t addition_line_bytes = 32U << 10U;

}  // namespace factord::protocol

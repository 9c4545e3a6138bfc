#pragma once

#include "server/protocol/messages/bulk.hpp"

namespace factord::protocol {

/// BulkRemoveOTPEmail: a line is a RemoveOTPEmail.
extern const bulk_kind bulk_removal;

inline constexpr std::size_t removal_line_bytes = 4U << 10U;

}  // namespace factord::protocol

#pragma once

#include "server/protocol/wire/bulk.hpp"
#include "server/protocol/wire/call_note.hpp"

namespace factord::protocol {

/// Bulks as lines of JSON, application/x-ndjson.
extern const bulk_dialect json_bulk_dialect;

/// What is wrong with how the body of a bulk is sent, which `head.rejected` tells as well.
[[nodiscard]] body_fault check_lines(const request& incoming, service::call& head);

}  // namespace factord::protocol

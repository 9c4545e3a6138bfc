#pragma once

#include <string_view>

#include "server/protocol/wire/call_note.hpp"
#include "server/protocol/wire/response.hpp"
#include "server/service/call.hpp"

/// Streams of events over JSON (API.md, section 2, "The log").
namespace factord::protocol {

/// The form that a client would rather have, by its Accept field: of those named the one with the
/// highest weight, then the first. A page where none is.
[[nodiscard]] event_form find_event_form(std::string_view accept);

/// One part of such an answer: the events of `done`, or its end.
void write_event_part(event_form form, const service::call& done, response& out);

/// A part that says nothing, so that neither side takes the other for gone.
void write_event_pause(event_form form, response& out);

}  // namespace factord::protocol

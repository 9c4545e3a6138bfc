#pragma once

#include <string>
#include <string_view>

#include "server/service/call.hpp"

namespace factord::protocol {

/// One of what narrows a page or a stream of the log, into `pending.in.filter`. What is wrong goes
/// into `pending.rejected`.
void add_event_type(const std::string& text, service::call& pending);
void add_event_creator(const std::string& text, service::call& pending);
void add_event_org(const std::string& text, service::call& pending);
void set_events_from(const std::string& text, service::call& pending);

/// Reads what narrows a page of the log (API.md, section 2, "The log") from the query of a target
/// into `pending.in.filter`, and checks it. A name that is no filter is passed over: it is
/// another's.
void read_event_filter(std::string_view target, service::call& pending);

}  // namespace factord::protocol

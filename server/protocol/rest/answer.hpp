#pragma once

#include <string>

#include "server/service/call.hpp"

namespace factord::protocol {

/// Appends the JSON body of a call that succeeded (api.md, sections 2 and 3): fields that are unset
/// or have their default are left out.
void write_json_answer(const service::call& done, std::string& out);

/// Appends the error envelope.
void write_json_error(service::status_code code, std::string_view error_id,
                      std::string_view message, std::string& out);

}  // namespace factord::protocol

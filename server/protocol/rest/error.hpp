#pragma once

#include <string>
#include <string_view>

#include "server/service/answer.hpp"

namespace factord::protocol {

/// Appends the error envelope of JSON over HTTP.
void write_json_error(service::status_code code, std::string_view error_id,
                      std::string_view message, std::string& out);

}  // namespace factord::protocol

#pragma once

#include <string>

#include "server/protocol/wire/request.hpp"
#include "server/service/answer.hpp"

namespace factord::protocol {

/// Appends the error envelope of JSON over HTTP (API.md, section 3). All such errors are written
/// here, whoever finds them.
void write_json_error(const service::failure& why, std::string& out);

/// The same of a request that was refused as a whole.
[[nodiscard]] std::string to_json(const refusal& why);

}  // namespace factord::protocol

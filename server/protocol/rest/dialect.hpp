#pragma once

#include <string>

#include "server/protocol/wire/dialect.hpp"
#include "server/service/answer.hpp"

namespace factord::protocol {

/// JSON over the paths below /v2 and /admin (API.md, sections 2 and 3).
extern const dialect json_dialect;

/// Appends the error envelope of JSON over HTTP.
void write_json_error(const service::failure& why, std::string& out);

}  // namespace factord::protocol

#pragma once

#include <string>
#include <string_view>

#include "storage/base/error.hpp"

namespace factord::jwt {

/// Where an issuer says where its keys are (OpenID Connect Discovery 1.0, section 4).
[[nodiscard]] std::string discovery_url(std::string_view issuer);

/// The URL of the keys, out of what was answered there. errc::bad_argument where that is of another
/// issuer, names none or a very long one, or is no JSON. What it says is no part of the error.
[[nodiscard]] result<std::string> read_discovery(std::string_view json, std::string_view issuer);

}  // namespace factord::jwt

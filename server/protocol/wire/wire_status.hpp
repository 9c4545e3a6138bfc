#pragma once

#include <string>
#include <string_view>

#include "server/protocol/wire/answer_status.hpp"
#include "server/service/answer.hpp"

/// The one place where the code of an answer becomes what a protocol shows of it.
namespace factord::protocol {

/// The HTTP status of a gRPC code, of JSON and Connect alike (API.md, section 3 and 4).
[[nodiscard]] answer_status http_status(service::status_code code) noexcept;

/// A fault of the server, or something that it had no room for: what who operates it wants to know.
/// What is not there, or of a version that is not spoken, is the client's.
[[nodiscard]] constexpr bool is_fault(unsigned http_status) noexcept {
  return (http_status >= 500 && http_status != 501 && http_status != 505) || http_status == 429;
}

/// gRPC's own name of a code, e.g. "NOT_FOUND".
[[nodiscard]] std::string_view code_name(service::status_code code) noexcept;

/// Connect's name of a code, e.g. "not_found".
[[nodiscard]] std::string_view connect_code_name(service::status_code code) noexcept;

/// The message as every protocol shows it: with the error id behind it, where there is one.
[[nodiscard]] std::string full_message(std::string_view error_id, std::string_view message);

}  // namespace factord::protocol

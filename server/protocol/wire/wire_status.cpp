#include "server/protocol/wire/wire_status.hpp"

#include <array>

namespace factord::protocol {
namespace {

struct code_entry {
  answer_status http;
  std::string_view name;
  std::string_view connect_name;
};

// In the order of the codes, 0 to 16.
constexpr std::array<code_entry, service::status_code_count> codes{{
    {200, "OK", "ok"},
    {499, "CANCELLED", "canceled"},
    {500, "UNKNOWN", "unknown"},
    {400, "INVALID_ARGUMENT", "invalid_argument"},
    {504, "DEADLINE_EXCEEDED", "deadline_exceeded"},
    {404, "NOT_FOUND", "not_found"},
    {409, "ALREADY_EXISTS", "already_exists"},
    {403, "PERMISSION_DENIED", "permission_denied"},
    {429, "RESOURCE_EXHAUSTED", "resource_exhausted"},
    {400, "FAILED_PRECONDITION", "failed_precondition"},
    {409, "ABORTED", "aborted"},
    {400, "OUT_OF_RANGE", "out_of_range"},
    {501, "UNIMPLEMENTED", "unimplemented"},
    {500, "INTERNAL", "internal"},
    {503, "UNAVAILABLE", "unavailable"},
    {500, "DATA_LOSS", "data_loss"},
    {401, "UNAUTHENTICATED", "unauthenticated"},
}};

const code_entry& entry_of(service::status_code code) {
  return codes[static_cast<std::size_t>(code)];
}

}  // namespace

answer_status http_status(service::status_code code) noexcept { return entry_of(code).http; }

std::string_view code_name(service::status_code code) noexcept { return entry_of(code).name; }

std::string_view connect_code_name(service::status_code code) noexcept {
  return entry_of(code).connect_name;
}

std::string full_message(std::string_view error_id, std::string_view message) {
  std::string full(message);
  if (!error_id.empty()) full.append(" (").append(error_id).append(")");
  return full;
}

}  // namespace factord::protocol

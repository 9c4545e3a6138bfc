#include "server/protocol/wire/wire_status.hpp"

#include <array>

#include "storage/base/enum_table.hpp"

namespace factord::protocol {
namespace {

using service::status_code;

struct code_entry {
  status_code which;
  answer_status http;
  std::string_view name;
  std::string_view connect_name;
};

constexpr auto codes = std::to_array<code_entry>({
    {status_code::ok, 200, "OK", "ok"},
    {status_code::cancelled, 499, "CANCELLED", "canceled"},
    {status_code::unknown, 500, "UNKNOWN", "unknown"},
    {status_code::invalid_argument, 400, "INVALID_ARGUMENT", "invalid_argument"},
    {status_code::deadline_exceeded, 504, "DEADLINE_EXCEEDED", "deadline_exceeded"},
    {status_code::not_found, 404, "NOT_FOUND", "not_found"},
    {status_code::already_exists, 409, "ALREADY_EXISTS", "already_exists"},
    {status_code::permission_denied, 403, "PERMISSION_DENIED", "permission_denied"},
    {status_code::resource_exhausted, 429, "RESOURCE_EXHAUSTED", "resource_exhausted"},
    {status_code::failed_precondition, 400, "FAILED_PRECONDITION", "failed_precondition"},
    {status_code::aborted, 409, "ABORTED", "aborted"},
    {status_code::out_of_range, 400, "OUT_OF_RANGE", "out_of_range"},
    {status_code::unimplemented, 501, "UNIMPLEMENTED", "unimplemented"},
    {status_code::internal, 500, "INTERNAL", "internal"},
    {status_code::unavailable, 503, "UNAVAILABLE", "unavailable"},
    {status_code::data_loss, 500, "DATA_LOSS", "data_loss"},
    {status_code::unauthenticated, 401, "UNAUTHENTICATED", "unauthenticated"},
});
static_assert(has_each_in_order(codes, &code_entry::which));

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

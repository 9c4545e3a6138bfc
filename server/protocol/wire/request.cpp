#include "server/protocol/wire/request.hpp"

#include <array>
#include <bit>

#include "storage/base/ascii.hpp"

namespace factord::protocol {
namespace {

struct field_row {
  field which;
  std::string_view name;
  std::string_view repeated;  ///< what a second line of it is called; empty: lines join a list
};

constexpr auto rows = std::to_array<field_row>({
    {field::authorization, "authorization", "more than one Authorization"},
    {field::zitadel_org_id, "x-zitadel-orgid", "more than one x-zitadel-orgid"},
    {field::origin, "origin", ""},
    {field::access_control_request_method, "access-control-request-method", ""},
    {field::access_control_request_headers, "access-control-request-headers", ""},
    {field::content_type, "content-type", ""},
    {field::content_encoding, "content-encoding", ""},
    {field::connect_content_encoding, "connect-content-encoding", ""},
    {field::connect_protocol_version, "connect-protocol-version", ""},
    {field::connect_timeout_ms, "connect-timeout-ms", "more than one connect-timeout-ms"},
    {field::grpc_encoding, "grpc-encoding", ""},
    {field::grpc_timeout, "grpc-timeout", "more than one grpc-timeout"},
    {field::if_none_match, "if-none-match", ""},
    {field::accept, "accept", ""},
    {field::last_event_id, "last-event-id", "more than one Last-Event-ID"},
    {field::if_match, "if-match", ""},
    {field::idempotency_key, "idempotency-key", "more than one Idempotency-Key"},
    // None of these changes what a request does, so none of them is refused: what joins two lines
    // is no token and no trace.
    {field::x_request_id, "x-request-id", ""},
    {field::traceparent, "traceparent", ""},
    {field::tracestate, "tracestate", ""},
    {field::if_modified_since, "if-modified-since", ""},
    {field::if_unmodified_since, "if-unmodified-since", ""},
    {field::if_range, "if-range", ""},
    {field::range, "range", ""},
});
static_assert(has_each_in_order(rows, &field_row::which));

// A body that was large once does not stay in memory for the rest of a connection.
constexpr std::size_t kept_capacity = 4096;

void forget(std::string& text) {
  if (text.capacity() > kept_capacity) {
    std::string().swap(text);
  } else {
    text.clear();
  }
}

// A short string lives in the object itself.
std::size_t heap_bytes(const std::string& text) {
  return text.capacity() > std::string().capacity() ? text.capacity() : 0;
}

}  // namespace

std::string_view name(verb method) noexcept {
  static constexpr std::array<std::string_view, count_of<verb>> names = {
      "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "OTHER"};
  return names[static_cast<std::size_t>(method)];
}

std::string_view name(field which) noexcept { return rows[static_cast<std::size_t>(which)].name; }

std::optional<field> find_field(std::string_view name) noexcept {
  for (const field_row& row : rows) {
    if (same_in_any_case(name, row.name)) return row.which;
  }
  return std::nullopt;
}

void request::add(field which, std::string_view value) {
  const bool again = has(which);
  present_ |= bit(which);
  const std::string_view repeated = rows[index(which)].repeated;
  if (again && !repeated.empty() && refused.status == 0) refused = {400, 3, repeated};
  if (index(which) >= field_values) return;
  std::string& kept = values_[index(which)];
  field_bytes_ -= heap_bytes(kept);
  if (again) kept += ", ";
  kept += value;
  field_bytes_ += heap_bytes(kept);
}

void request::clear() {
  id = 0;
  version = http_version::http1;
  method = verb::other;
  more = takes_parts = false;
  refused = {};
  forget(target);
  forget(body);
  for (; present_ != 0; present_ &= present_ - 1) {
    const auto lowest = static_cast<std::size_t>(std::countr_zero(present_));
    if (lowest >= field_values) continue;
    field_bytes_ -= heap_bytes(values_[lowest]);
    forget(values_[lowest]);
    field_bytes_ += heap_bytes(values_[lowest]);
  }
}

}  // namespace factord::protocol

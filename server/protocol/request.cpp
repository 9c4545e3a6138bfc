#include "server/protocol/request.hpp"

#include <utility>

#include "server/protocol/ascii.hpp"

namespace factord::protocol {
namespace {

constexpr std::array<std::string_view, field_count> names = {
    "authorization",
    "x-zitadel-orgid",
    "origin",
    "access-control-request-method",
    "access-control-request-headers",
    "content-type",
    "content-encoding",
    "connect-content-encoding",
    "connect-timeout-ms",
    "grpc-encoding",
    "grpc-timeout",
};

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

std::string_view name(field which) noexcept { return names[static_cast<std::size_t>(which)]; }

std::optional<field> find_field(std::string_view name) noexcept {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (same_in_any_case(name, names[i])) return static_cast<field>(i);
  }
  return std::nullopt;
}

void request::add(field which, std::string_view value) {
  std::string& kept = values_[index(which)];
  field_bytes_ -= heap_bytes(kept);
  if (present_[index(which)]) kept += ", ";
  kept += value;
  field_bytes_ += heap_bytes(kept);
  present_[index(which)] = true;
}

void request::clear() {
  id = 0;
  version = http_version::http1;
  method = verb::other;
  more = false;
  refused = {};
  forget(target);
  forget(body);
  for (std::size_t i = 0; i < field_count; ++i) {
    if (!std::exchange(present_[i], false)) continue;
    field_bytes_ -= heap_bytes(values_[i]);
    forget(values_[i]);
    field_bytes_ += heap_bytes(values_[i]);
  }
}

}  // namespace factord::protocol

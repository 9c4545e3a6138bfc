#include "server/protocol/rpc/timeout.hpp"

#include <charconv>
#include <cstdint>

namespace factord::protocol {
namespace {

using std::chrono::microseconds;

// Digits only: from_chars would take a sign.
std::optional<std::int64_t> parse_digits(std::string_view text, std::size_t max) {
  if (text.empty() || text.size() > max) return std::nullopt;
  if (text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Longer than any connection lives, and far from where the clock's range ends.
constexpr std::chrono::hours endless{24 * 365};

bool is_grpc(rpc_form form) {
  const rpc_protocol protocol = traits(form).protocol;
  return protocol == rpc_protocol::grpc || protocol == rpc_protocol::grpc_web;
}

}  // namespace

std::optional<microseconds> parse_grpc_timeout(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto amount = parse_digits(text.substr(0, text.size() - 1), 8);
  if (!amount) return std::nullopt;
  switch (text.back()) {
    case 'H':
      return std::chrono::hours(*amount);
    case 'M':
      return std::chrono::minutes(*amount);
    case 'S':
      return std::chrono::seconds(*amount);
    case 'm':
      return std::chrono::milliseconds(*amount);
    case 'u':
      return microseconds(*amount);
    case 'n':
      return microseconds(*amount / 1000);
    default:
      return std::nullopt;
  }
}

std::optional<microseconds> parse_connect_timeout(std::string_view text) {
  const auto amount = parse_digits(text, 10);
  if (!amount) return std::nullopt;
  return std::chrono::milliseconds(*amount);
}

field timeout_field(rpc_form form) noexcept {
  return is_grpc(form) ? field::grpc_timeout : field::connect_timeout_ms;
}

bool read_deadline(rpc_form form, const request& incoming,
                   std::chrono::steady_clock::time_point& deadline) {
  const field named = timeout_field(form);
  if (!incoming.has(named)) return true;
  const std::string_view text = incoming.value(named);
  const auto patience = is_grpc(form) ? parse_grpc_timeout(text) : parse_connect_timeout(text);
  if (!patience) return false;
  if (*patience < endless) deadline = incoming.begun + *patience;
  return true;
}

}  // namespace factord::protocol

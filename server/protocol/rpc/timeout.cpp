#include "server/protocol/rpc/timeout.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "server/protocol/rpc/rules.hpp"

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

// JSON over HTTP has no field of its own, and heeds those of both.
bool heeds(rpc_form form, field named) {
  return form == rpc_form::none || rules_of(form).timeout == named;
}

struct timeout_field {
  field name;
  std::optional<microseconds> (*parse)(std::string_view text);
};

constexpr std::array fields{
    timeout_field{field::grpc_timeout, parse_grpc_timeout},
    timeout_field{field::connect_timeout_ms, parse_connect_timeout},
};

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

std::optional<field> read_deadline(rpc_form form, const request& incoming,
                                   std::chrono::steady_clock::time_point& deadline) {
  for (const timeout_field& one : fields) {
    if (!heeds(form, one.name) || !incoming.has(one.name)) continue;
    const auto patience = one.parse(incoming.value(one.name));
    if (!patience) return one.name;
    if (*patience < endless) deadline = std::min(deadline, incoming.begun + *patience);
  }
  return std::nullopt;
}

}  // namespace factord::protocol

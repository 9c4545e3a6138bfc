#include "server/jwt/claims.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "server/jwt/strict_json.hpp"

namespace factord::jwt {
namespace {

constexpr std::int64_t seconds_max = 253'402'300'799;  // the end of the year 9999

std::string_view text_of(const boost::json::string& text) { return {text.data(), text.size()}; }

timestamp at_second(std::int64_t seconds) {
  return timestamp{std::chrono::seconds{std::clamp(seconds, -seconds_max, seconds_max)}};
}

bool is_for(const boost::json::object& payload, std::string_view audience) {
  const boost::json::value* aud = payload.if_contains("aud");
  if (aud == nullptr) return false;
  if (const boost::json::string* one = aud->if_string()) return text_of(*one) == audience;
  const boost::json::array* list = aud->if_array();
  if (list == nullptr) return false;
  bool found = false;
  for (const boost::json::value& entry : *list) {
    const boost::json::string* one = entry.if_string();
    if (one == nullptr) return false;
    found |= text_of(*one) == audience;
  }
  return found;
}

// The rule that a time breaks which may be missing and must not be ahead; nothing, where none.
std::optional<refusal> refuse_ahead(const boost::json::object& payload, const char* name,
                                    timestamp now, refusal no_time, refusal ahead) {
  const boost::json::value* found = payload.if_contains(name);
  if (found == nullptr) return std::nullopt;
  const auto at = to_time(*found);
  if (!at) return no_time;
  return *at > now + clock_leeway ? std::optional(ahead) : std::nullopt;
}

}  // namespace

bool is_id(std::string_view text) noexcept {
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; };
  const auto count = static_cast<std::size_t>(std::ranges::count_if(text, begins));
  return count >= 1 && count <= id_code_points_max;
}

std::optional<timestamp> to_time(const boost::json::value& from) noexcept {
  if (const std::int64_t* whole = from.if_int64()) return at_second(*whole);
  if (from.is_uint64()) return at_second(seconds_max);
  const double* seconds = from.if_double();
  if (seconds == nullptr || std::isnan(*seconds)) return std::nullopt;
  constexpr auto most = static_cast<double>(seconds_max);
  if (std::abs(*seconds) >= most) return at_second(*seconds < 0 ? -seconds_max : seconds_max);
  return from_micros(static_cast<std::int64_t>(std::floor(*seconds * 1e6)));
}

checked<claims> read_claims(const boost::json::object& payload, const issuer_rules& rules,
                            timestamp now) {
  if (!is_for(payload, rules.audience)) return refusal::audience;
  const boost::json::value* exp = payload.if_contains("exp");
  const auto end = exp == nullptr ? std::nullopt : to_time(*exp);
  if (!end) return refusal::expiry;
  // What is kept of it says 0 for never.
  if (*end <= timestamp{} || now >= *end) return refusal::expired;
  auto ahead = refuse_ahead(payload, "nbf", now, refusal::not_before, refusal::too_early);
  if (!ahead) ahead = refuse_ahead(payload, "iat", now, refusal::issued_at, refusal::issued_later);
  if (ahead) return *ahead;
  const boost::json::string* sub = find_text(payload, "sub");
  if (sub == nullptr || !is_id(text_of(*sub))) return refusal::subject;
  return claims{std::string(text_of(*sub)), *end};
}

}  // namespace factord::jwt

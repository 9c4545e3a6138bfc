#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "server/jwt/issuer_rules.hpp"
#include "server/jwt/refusal.hpp"
#include "storage/base/clock.hpp"

namespace factord::jwt {

/// By so much the issuer's clock may be ahead of ours: for `nbf` and `iat`. None for `exp`.
inline constexpr std::chrono::seconds clock_leeway{60};

/// Of `sub`, and of the id of an organization: what an id of ours may have.
inline constexpr std::size_t id_code_points_max = 200;

/// Whether valid UTF-8 has 1 to id_code_points_max code points.
[[nodiscard]] bool is_id(std::string_view text) noexcept;

/// The time of a NumericDate (RFC 7519, section 2): seconds since 1970, with any fraction, of which
/// microseconds are kept; before 1970 below 0. What is further off than the year 9999, on either
/// side, is that far. Nothing where it is no number.
[[nodiscard]] std::optional<timestamp> to_time(const boost::json::value& from) noexcept;

struct claims {
  std::string subject;
  timestamp expires_at;
};

/// Whether a payload is for this issuer's audience, at this time, and by whom: RFC 7519, section
/// 4.1, but for `iss`. `aud` is a string or a list of nothing but strings; `exp` and `sub` have to
/// be there, `nbf` and `iat` need not.
[[nodiscard]] checked<claims> read_claims(const boost::json::object& payload,
                                          const issuer_rules& rules, timestamp now);

}  // namespace factord::jwt

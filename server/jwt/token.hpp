#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/jwt/claims.hpp"
#include "server/jwt/key_set.hpp"
#include "server/jwt/refusal.hpp"
#include "server/jwt/roles.hpp"
#include "server/jwt/trusted_issuer.hpp"
#include "storage/base/clock.hpp"

/// A token is read in two steps: all that is cheap, then its signature. Who bounds what strangers
/// may cost stands between them.
namespace factord::jwt {

inline constexpr std::size_t token_bytes_max = 8U << 10U;

/// Whether a bearer has the form of a JWT, good or bad: what begins as base64url of an object does,
/// with two dots or more. No token of ours does (draw_token).
[[nodiscard]] bool looks_like_token(std::string_view text) noexcept;

/// A token that lacks nothing but the proof that its key has signed it. What it says is to be
/// believed by nobody. The text that it was read from outlives it.
struct unproven_token {
  std::size_t issuer;                   ///< by its index among those that are trusted
  const issuer_rules* rules;            ///< of that
  std::uint64_t generation;             ///< of its keys, not after `keys` was taken
  std::shared_ptr<const key_set> keys;  ///< holds `by`
  const key* by;
  std::string_view signed_text;
  std::string signature;
  boost::json::object payload;
  claims says;
};

/// Reads a token in JWS compact serialization (RFC 7515, section 7.1) and holds it to every rule
/// but its signature and its roles, those about its form before those about what it says, and those
/// before its key. No two issuers have one name. A key that is not known is missed
/// (issuer_keys::miss). No signature is looked at: what is refused here costs no more than its
/// size.
[[nodiscard]] checked<unproven_token> read_token(std::string_view text,
                                                 std::span<const trusted_issuer> issuers,
                                                 timestamp now);

/// What a token says that is the issuer's.
struct proven_token {
  claims says;
  std::vector<org_roles> roles;
};

/// Verifies the signature, which takes from 50 to some 200 microseconds, then reads the roles.
[[nodiscard]] checked<proven_token> prove(unproven_token from);

}  // namespace factord::jwt

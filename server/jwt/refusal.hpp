#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>
#include <cstdint>
#include <string_view>

namespace factord::jwt {

/// Which rule a token breaks: the first one, in the order in which they are looked at.
enum class refusal : std::uint8_t {
  size,            ///< above token_bytes_max
  parts,           ///< not three, or one is empty
  encoding,        ///< a part is not base64url (base64url.hpp)
  header,          ///< not a JSON object (strict_json.hpp)
  embedded_key,    ///< jwk, jku, x5u or x5c: a key, or where one is, that the token brings itself
  critical,        ///< crit, or b64: extensions that have to be understood, and none is
  encrypted,       ///< enc or zip: of JWE
  algorithm,       ///< alg is none of algorithm.hpp
  type,            ///< typ is there and neither JWT nor at+jwt
  key_name,        ///< kid is missing
  payload,         ///< not a JSON object
  issuer,          ///< iss is nobody's who is trusted
  audience,        ///< aud is not, and has not, ours
  expiry,          ///< exp is missing, or no time
  expired,         ///< exp has come
  not_before,      ///< nbf is no time
  too_early,       ///< nbf is more than the leeway ahead
  issued_at,       ///< iat is no time
  issued_later,    ///< iat is more than the leeway ahead
  subject,         ///< sub is missing, or no id of 1 to 200 code points
  no_keys,         ///< the issuer's keys are not known: whether it is good cannot be said now
  unknown_key,     ///< kid is none of them
  key_algorithm,   ///< alg is not that key's
  signature_size,  ///< not of that key's signatures
  signature,       ///< not that key's, of this text
  roles,           ///< the claim of roles has a shape that is none of roles.hpp
  organizations,   ///< it names more than organizations_max
  count_,          ///< none: how many there are
};

/// What a rule is about, for who counts refusals.
enum class refusal_group : std::uint8_t {
  format,     ///< what a token is made of: no key was looked at
  claims,     ///< what it says of itself
  expired,    ///< its time is over
  key,        ///< by which it says that it is signed
  no_keys,    ///< nothing is wrong with it
  signature,  ///< it cost one to find out
};

/// A word for the log, e.g. "signature".
[[nodiscard]] std::string_view name(refusal why) noexcept;
[[nodiscard]] refusal_group group(refusal why) noexcept;

/// A value, or the rule that a token breaks.
template <class T>
using checked = boost::system::result<T, refusal>;

/// A refusal that reached `checked::value()`: a bug.
[[noreturn]] void throw_exception_from_error(refusal why, const boost::source_location& where);

}  // namespace factord::jwt

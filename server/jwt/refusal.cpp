#include "server/jwt/refusal.hpp"

#include <array>
#include <boost/throw_exception.hpp>
#include <cstddef>
#include <stdexcept>
#include <string>

#include "storage/base/enum_table.hpp"

namespace factord::jwt {
namespace {

struct refusal_row {
  refusal which;
  std::string_view name;
  refusal_group of;
};

constexpr auto refusals = [] {
  using enum refusal_group;
  return std::to_array<refusal_row>({
      {refusal::size, "size", format},
      {refusal::parts, "parts", format},
      {refusal::encoding, "encoding", format},
      {refusal::header, "header", format},
      {refusal::embedded_key, "embedded_key", format},
      {refusal::critical, "critical", format},
      {refusal::encrypted, "encrypted", format},
      {refusal::algorithm, "algorithm", format},
      {refusal::type, "type", format},
      {refusal::key_name, "key_name", format},
      {refusal::payload, "payload", format},
      {refusal::issuer, "issuer", claims},
      {refusal::audience, "audience", claims},
      {refusal::expiry, "expiry", claims},
      {refusal::expired, "expired", expired},
      {refusal::not_before, "not_before", claims},
      {refusal::too_early, "too_early", claims},
      {refusal::issued_at, "issued_at", claims},
      {refusal::issued_later, "issued_later", claims},
      {refusal::subject, "subject", claims},
      {refusal::no_keys, "no_keys", no_keys},
      {refusal::unknown_key, "unknown_key", key},
      {refusal::key_algorithm, "key_algorithm", key},
      {refusal::signature_size, "signature_size", signature},
      {refusal::signature, "signature", signature},
      {refusal::roles, "roles", claims},
      {refusal::organizations, "organizations", claims},
  });
}();
static_assert(has_each_in_order(refusals, &refusal_row::which));

}  // namespace

std::string_view name(refusal why) noexcept { return refusals[static_cast<std::size_t>(why)].name; }

refusal_group group(refusal why) noexcept { return refusals[static_cast<std::size_t>(why)].of; }

void throw_exception_from_error(refusal why, const boost::source_location& where) {
  boost::throw_exception(std::logic_error{"a token was refused: " + std::string(name(why))}, where);
}

}  // namespace factord::jwt

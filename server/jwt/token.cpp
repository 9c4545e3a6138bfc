#include "server/jwt/token.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "server/jwt/base64url.hpp"
#include "server/jwt/header.hpp"
#include "server/jwt/strict_json.hpp"
#include "storage/base/canary.hpp"

namespace factord::jwt {
namespace {

struct token_parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view signed_text;  ///< the first two, with the dot between them
};

checked<token_parts> split(std::string_view text) {
  if (text.size() > token_bytes_max) return refusal::size;
  if (std::ranges::count(text, '.') != 2) return refusal::parts;
  const std::size_t first = text.find('.');
  const std::size_t second = text.rfind('.');
  const token_parts parts{text.substr(0, first), text.substr(first + 1, second - first - 1),
                          text.substr(second + 1), text.substr(0, second)};
  if (parts.header.empty() || parts.payload.empty() || parts.signature.empty())
    return refusal::parts;
  return parts;
}

checked<header> decode_header(std::string_view part) {
  const auto json = decode_base64url(part);
  if (!json) return refusal::encoding;
  return read_header(*json);
}

checked<boost::json::object> decode_payload(std::string_view part) {
  const auto json = decode_base64url(part);
  if (!json) return refusal::encoding;
  auto read = parse_strict_json(*json);
  if (!read || !read->is_object()) return refusal::payload;
  return std::move(read->get_object());
}

struct issuer_and_claims {
  std::size_t issuer;
  claims says;
};

checked<issuer_and_claims> find_issuer(const boost::json::object& payload,
                                       std::span<const trusted_issuer> issuers, timestamp now) {
  const boost::json::string* iss = find_text(payload, "iss");
  if (iss == nullptr) return refusal::issuer;
  const std::string_view named(iss->data(), iss->size());
  const auto found = std::ranges::find_if(
      issuers, [named](const trusted_issuer& one) { return one.rules.issuer == named; });
  if (found == issuers.end()) return refusal::issuer;
  auto read = read_claims(payload, found->rules, now);
  if (!read) return read.error();
  return issuer_and_claims{static_cast<std::size_t>(found - issuers.begin()), std::move(*read)};
}

// Sets what is known of the key.
std::optional<refusal> find_key(const header& says, issuer_keys& among, unproven_token& out) {
  // Before the keys are taken: one that is removed meanwhile voids what they find good.
  out.generation = among.generation();
  out.keys = among.current();
  if (out.keys == nullptr) return refusal::no_keys;
  out.by = out.keys->find(says.kid);
  if (out.by == nullptr) {
    among.miss();
    return refusal::unknown_key;
  }
  if (out.by->by() != says.by && !planted(canary::algorithm_from_header))
    return refusal::key_algorithm;
  if (out.by->signature_bytes() != out.signature.size()) return refusal::signature_size;
  return std::nullopt;
}

}  // namespace

bool looks_like_token(std::string_view text) noexcept {
  // Base64url of '{' and whatever follows.
  if (!text.starts_with('e')) return false;
  const std::size_t dot = text.find('.');
  return dot != std::string_view::npos && text.find('.', dot + 1) != std::string_view::npos;
}

checked<unproven_token> read_token(std::string_view text, std::span<const trusted_issuer> issuers,
                                   timestamp now) {
  const auto parts = split(text);
  if (!parts) return parts.error();
  const auto head = decode_header(parts->header);
  if (!head) return head.error();
  auto signature = decode_base64url(parts->signature);
  if (!signature) return refusal::encoding;
  auto payload = decode_payload(parts->payload);
  if (!payload) return payload.error();
  auto by = find_issuer(*payload, issuers, now);
  if (!by) return by.error();
  const trusted_issuer& issuer = issuers[by->issuer];
  unproven_token out{by->issuer,
                     &issuer.rules,
                     0,
                     nullptr,
                     nullptr,
                     parts->signed_text,
                     std::move(*signature),
                     std::move(*payload),
                     std::move(by->says)};
  if (const auto why = find_key(*head, *issuer.keys, out)) return *why;
  return out;
}

checked<proven_token> prove(unproven_token from) {
  if (!from.by->verifies(from.signed_text, from.signature)) return refusal::signature;
  auto roles = read_roles(from.payload, *from.rules);
  if (!roles) return roles.error();
  return proven_token{std::move(from.says), std::move(*roles)};
}

}  // namespace factord::jwt

#include "server/jwt/header.hpp"

#include <algorithm>
#include <initializer_list>

#include "server/jwt/strict_json.hpp"
#include "storage/base/ascii.hpp"

namespace factord::jwt {
namespace {

bool has_any(const boost::json::object& in, std::initializer_list<const char*> names) {
  return std::ranges::any_of(names, [&](const char* name) { return in.contains(name); });
}

// A media type, so in any case, without its "application/" (RFC 7515, section 4.1.9).
bool is_type_of_jwt(const boost::json::object& in) {
  if (!in.contains("typ")) return true;
  const boost::json::string* type = find_text(in, "typ");
  if (type == nullptr) return false;
  const std::string_view text{type->data(), type->size()};
  return same_in_any_case(text, "jwt") || same_in_any_case(text, "at+jwt");
}

}  // namespace

checked<header> read_header(std::string_view json) {
  const auto read = parse_strict_json(json);
  const boost::json::object* in = read ? read->if_object() : nullptr;
  if (in == nullptr) return refusal::header;
  if (has_any(*in, {"jwk", "jku", "x5u", "x5c"})) return refusal::embedded_key;
  if (has_any(*in, {"crit", "b64"})) return refusal::critical;
  if (has_any(*in, {"enc", "zip"})) return refusal::encrypted;
  const boost::json::string* alg = find_text(*in, "alg");
  const auto by = alg == nullptr ? std::nullopt : find_algorithm({alg->data(), alg->size()});
  if (!by) return refusal::algorithm;
  if (!is_type_of_jwt(*in)) return refusal::type;
  const boost::json::string* kid = find_text(*in, "kid");
  if (kid == nullptr || kid->empty()) return refusal::key_name;
  return header{*by, std::string(kid->data(), kid->size())};
}

}  // namespace factord::jwt

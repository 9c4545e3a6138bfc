#include "server/jwt/discovery.hpp"

#include "server/jwt/strict_json.hpp"

namespace factord::jwt {
namespace {

constexpr std::size_t jwks_uri_bytes_max = 1024;

std::string copy_of(const boost::json::string& of) { return {of.data(), of.size()}; }

}  // namespace

std::string discovery_url(std::string_view issuer) {
  if (issuer.ends_with('/')) issuer.remove_suffix(1);
  return std::string(issuer) + "/.well-known/openid-configuration";
}

result<std::string> read_discovery(std::string_view json, std::string_view issuer) {
  const auto read = parse_strict_json(json);
  if (!read) return read.error();
  const boost::json::object* object = read->if_object();
  if (object == nullptr) return error{errc::bad_argument, "it is no object"};
  const boost::json::string* of = find_text(*object, "issuer");
  if (of == nullptr) return error{errc::bad_argument, "it names no issuer"};
  if (std::string_view(of->data(), of->size()) != issuer)
    return error{errc::bad_argument, "it is of another issuer"};
  const boost::json::string* keys = find_text(*object, "jwks_uri");
  if (keys == nullptr) return error{errc::bad_argument, "it names no jwks_uri"};
  if (keys->size() > jwks_uri_bytes_max)
    return error{errc::bad_argument, "its jwks_uri is above 1024 bytes"};
  return copy_of(*keys);
}

}  // namespace factord::jwt

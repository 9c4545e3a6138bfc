#include "server/jwt/key_set.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "server/jwt/jwk.hpp"
#include "server/jwt/strict_json.hpp"

namespace factord::jwt {
namespace {

error bad_set(std::string what) { return {errc::bad_argument, std::move(what)}; }

// With which key it is.
error bad_key(std::size_t index, const error& cause) {
  return bad_set("key " + std::to_string(index + 1) + ": " + cause.message);
}

}  // namespace

key_set::key_set(std::vector<key> keys) : keys_(std::move(keys)) {
  std::ranges::sort(keys_, {}, &key::id);
}

const key* key_set::find(std::string_view kid) const noexcept {
  const auto found = std::ranges::lower_bound(keys_, kid, {}, &key::id);
  return found != keys_.end() && found->id() == kid ? &*found : nullptr;
}

bool key_set::has_all_of(const key_set& other) const noexcept {
  return std::ranges::all_of(other.keys_, [this](const key& theirs) {
    const key* ours = find(theirs.id());
    return ours != nullptr && *ours == theirs;
  });
}

result<key_set> parse_key_set(std::string_view json) {
  if (json.size() > key_set_bytes_max) return bad_set("it is too large");
  const auto root = parse_strict_json(json);
  if (!root) return root.error();
  const boost::json::object* set = root->if_object();
  const boost::json::value* member = set == nullptr ? nullptr : set->if_contains("keys");
  const boost::json::array* list = member == nullptr ? nullptr : member->if_array();
  if (list == nullptr) return bad_set("it has no list `keys`");
  if (list->size() > keys_max) return bad_set("it has too many keys");
  std::vector<key> keys;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const boost::json::object* one = (*list)[i].if_object();
    if (one == nullptr) return bad_key(i, bad_set("it is not an object"));
    auto read = read_jwk(*one);
    if (!read) return bad_key(i, read.error());
    if (!*read) continue;
    const bool twice = std::ranges::find(keys, (*read)->id(), &key::id) != keys.end();
    if (twice) return bad_key(i, bad_set("its `kid` is there twice"));
    keys.push_back(std::move(**read));
  }
  if (keys.empty()) return bad_set("no key in it is one for RS256, PS256, ES256 or EdDSA");
  return key_set(std::move(keys));
}

}  // namespace factord::jwt

// JWTs, in three ways, by the first byte: a token as strangers send it, which nobody has signed and
// which is refused; a header and a payload that the issuer signs, whatever they are; and a set of
// keys. What is accepted says, to a reader that is not strict, what the rules ask for; it is so for
// its own key alone, and with any byte changed it is not.

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <memory>
#include <string>

#include "server/jwt/base64url.hpp"
#include "server/jwt/token.hpp"
#include "storage/base/check.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/support/jwt_signer.hpp"

namespace factord::jwt {
namespace {

namespace json = boost::json;
using testing::jwt_signer;

constexpr timestamp now{std::chrono::seconds{1'800'000'000}};

struct provider {
  provider() {
    keys.use(std::make_shared<key_set>(*parse_key_set(testing::jwks({ed.jwk(), ec.jwk()}))), false);
    issuer_rules& rules = issuers[0].rules;
    rules.issuer = "i";
    rules.audience = "a";
    rules.roles_claim = "r.s";
    rules.roles = {"x", "y", "x"};
  }
  [[nodiscard]] checked<proven_token> judge(std::string_view text) const {
    auto read = read_token(text, issuers, now);
    if (!read) return read.error();
    return prove(std::move(*read));
  }

  jwt_signer ed{algorithm::eddsa, "e"};
  jwt_signer ec{algorithm::es256, "c"};
  jwt_signer strange_ed{algorithm::eddsa, "e"};
  jwt_signer strange_ec{algorithm::es256, "c"};
  issuer_keys keys;
  std::array<trusted_issuer, 1> issuers{{{{}, &keys}}};
};

json::object plain(std::string_view text) {
  return json::parse({text.data(), text.size()}).as_object();
}

void check_header(std::string_view text, const jwt_signer& by) {
  const json::object header = plain(text);
  FACTORD_CHECK(header.at("alg").as_string() == json::string_view(name(by.by()).data(), 5));
  FACTORD_CHECK(header.at("kid").as_string() == json::string_view(by.kid().data(), 1));
  for (const char* never : {"jwk", "jku", "x5u", "x5c", "crit", "b64", "enc", "zip"})
    FACTORD_CHECK(!header.contains(never));
}

bool is_or_has(const json::value& in, std::string_view text) {
  if (in.is_string()) return in.get_string() == json::string_view(text.data(), text.size());
  return std::ranges::any_of(in.as_array(),
                             [&](const json::value& one) { return is_or_has(one, text); });
}

void check_payload(std::string_view text, const proven_token& told) {
  const json::object payload = plain(text);
  constexpr double second = 1'800'000'000;
  FACTORD_CHECK(payload.at("iss").as_string() == "i");
  FACTORD_CHECK(is_or_has(payload.at("aud"), "a"));
  FACTORD_CHECK(payload.at("exp").to_number<double>() > second);
  FACTORD_CHECK(told.says.expires_at > now);
  for (const char* ahead : {"nbf", "iat"}) {
    if (payload.contains(ahead))
      FACTORD_CHECK(payload.at(ahead).to_number<double>() <= second + 60);
  }
  const json::string& subject = payload.at("sub").as_string();
  FACTORD_CHECK(told.says.subject == std::string_view(subject.data(), subject.size()));
  FACTORD_CHECK(is_id(told.says.subject));
  FACTORD_CHECK(told.says.subject.find('\0') == std::string::npos);
  FACTORD_CHECK(told.roles.size() <= organizations_max);
  for (const org_roles& one : told.roles) {
    FACTORD_CHECK(one.org.empty() || is_id(one.org));
    FACTORD_CHECK(!one.roles.empty() && one.roles.back() < 3);
    FACTORD_CHECK(told.roles.size() == 1 || !one.org.empty());
  }
}

void check_neighbours(const provider& with, const std::string& token, fuzz::choices pick) {
  for (int i = 0; i < 4; ++i) {
    std::string changed = token;
    changed[pick.below(changed.size())] ^= static_cast<char>(1 + pick.below(255));
    FACTORD_CHECK(!with.judge(changed));
    FACTORD_CHECK(!with.judge(token.substr(0, pick.below(token.size()))));
  }
}

void check_signed(const provider& with, std::string_view input) {
  fuzz::cursor in(input);
  const bool first = in.byte() % 2 == 0;
  const jwt_signer& by = first ? with.ed : with.ec;
  const jwt_signer& strange = first ? with.strange_ed : with.strange_ec;
  const std::string_view both = in.rest();
  const std::size_t end = std::min(both.find('\n'), both.size());
  const std::string_view header = both.substr(0, end);
  const std::string_view payload = both.substr(std::min(end + 1, both.size()));
  const std::string token = by.sign(header, payload);
  const auto told = with.judge(token);
  if (!told) {
    // What its key has signed says that it is another's.
    if (told.error() == refusal::signature)
      FACTORD_CHECK(plain(header).at("kid").as_string() != json::string_view(by.kid().data(), 1));
    return;
  }
  check_header(header, by);
  check_payload(payload, *told);
  check_neighbours(with, token, fuzz::choices(input));
  const auto forged = with.judge(strange.sign(header, payload));
  FACTORD_CHECK(!forged && forged.error() == refusal::signature);
}

// How many keys of a set have this name: those that are passed over too.
std::ptrdiff_t count_named(const json::array& list, const json::string& kid) {
  return std::ranges::count_if(list, [&](const json::value& one) {
    const json::value* named = one.as_object().if_contains("kid");
    return named != nullptr && named->is_string() && named->get_string() == kid;
  });
}

void check_keys(std::string_view text) {
  const auto keys = parse_key_set(text);
  if (!keys) {
    FACTORD_CHECK(keys.error().code == errc::bad_argument && !keys.error().message.empty());
    return;
  }
  FACTORD_CHECK(keys->size() >= 1 && keys->size() <= keys_max);
  FACTORD_CHECK(keys->has_all_of(*keys));
  FACTORD_CHECK(keys->find("") == nullptr);
  // To a reader that is not strict there are as many, of those that it takes for signatures.
  const json::object set = plain(text);
  const json::array& list = set.at("keys").as_array();
  FACTORD_CHECK(list.size() >= keys->size());
  for (const json::value& one : list) {
    const json::value* kid = one.as_object().if_contains("kid");
    if (kid == nullptr || !kid->is_string()) continue;
    const key* found = keys->find({kid->get_string().data(), kid->get_string().size()});
    if (found == nullptr || count_named(list, kid->get_string()) > 1) continue;
    FACTORD_CHECK(!one.as_object().contains("d"));
    FACTORD_CHECK(!found->verifies("text", std::string(found->signature_bytes(), '\0')));
  }
}

void check(std::string_view input) {
  static const provider with;
  fuzz::cursor in(input);
  switch (in.byte() % 3) {
    case 0:
      FACTORD_CHECK(!with.judge(in.rest()));
      break;
    case 1:
      check_signed(with, in.rest());
      break;
    default:
      check_keys(in.rest());
  }
}

}  // namespace
}  // namespace factord::jwt

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  factord::jwt::check(factord::fuzz::as_text(data, size));
  return 0;
}

#include "server/jwt/jwk.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "server/jwt/base64url.hpp"
#include "server/jwt/ed25519_point.hpp"
#include "server/jwt/strict_json.hpp"
#include "storage/base/check.hpp"

namespace factord::jwt {
namespace {

namespace json = boost::json;

constexpr std::size_t p256_number_bytes = 32;

error bad_jwk(std::string_view what) { return {errc::bad_argument, std::string(what)}; }

// For unique_ptr: OpenSSL's own ends.
template <auto End>
struct end_by {
  template <class T>
  void operator()(T* one) const noexcept {
    End(one);
  }
};
using big_number = std::unique_ptr<BIGNUM, end_by<BN_free>>;

bool has(const json::object& in, std::string_view name) {
  return in.contains({name.data(), name.size()});
}

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

// What a key that is for something else says.
result<bool> is_for_signatures(const json::object& from) {
  if (has(from, "use")) {
    const json::string* use = find_text(from, "use");
    if (use == nullptr) return bad_jwk("`use` is not a string");
    if (*use != "sig") return false;
  }
  if (!has(from, "key_ops")) return true;
  const json::array* list = from.at("key_ops").if_array();
  if (list == nullptr) return bad_jwk("`key_ops` is not a list");
  return std::ranges::any_of(*list, [](const json::value& one) {
    return one.is_string() && one.get_string() == "verify";
  });
}

struct family {
  std::string_view kty;
  std::string_view crv;                                ///< empty: it has none
  std::array<std::optional<algorithm>, 2> algorithms;  ///< the first one for a key without `alg`
};
constexpr auto families = std::to_array<family>({
    {"RSA", "", {algorithm::rs256, algorithm::ps256}},
    {"EC", "P-256", {algorithm::es256}},
    {"OKP", "Ed25519", {algorithm::eddsa}},
});

// Nothing where it is passed over.
result<std::optional<algorithm>> algorithm_of(const json::object& from) {
  const json::string* kty = find_text(from, "kty");
  if (kty == nullptr) return bad_jwk("`kty` is missing");
  const auto* of = std::ranges::find(families, view(*kty), &family::kty);
  if (of == families.end()) return std::optional<algorithm>{};
  if (!of->crv.empty()) {
    const json::string* crv = find_text(from, "crv");
    if (crv == nullptr) return bad_jwk("`crv` is missing");
    if (view(*crv) != of->crv) return std::optional<algorithm>{};
  }
  if (!has(from, "alg")) return of->algorithms.front();
  const json::string* alg = find_text(from, "alg");
  if (alg == nullptr) return bad_jwk("`alg` is not a string");
  const auto named = find_algorithm(view(*alg));
  if (named && std::ranges::find(of->algorithms, named) == of->algorithms.end())
    return bad_jwk("`alg` is not one of its kind of key");
  return named;
}

result<std::string> read_bytes(const json::object& from, std::string_view name) {
  const json::string* text = find_text(from, name);
  auto bytes = text == nullptr ? std::nullopt : decode_base64url(view(*text));
  if (!bytes || bytes->empty()) return bad_jwk("`" + std::string(name) + "` is not base64url");
  return std::move(*bytes);
}

// Without a zero in front (RFC 7518, section 2: Base64urlUInt).
result<big_number> read_number(const json::object& from, std::string_view name) {
  auto bytes = read_bytes(from, name);
  if (!bytes) return bytes.error();
  if (bytes->front() == '\0') return bad_jwk("`" + std::string(name) + "` begins with a zero");
  big_number value(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes->data()),
                             static_cast<int>(bytes->size()), nullptr));
  FACTORD_CHECK(value != nullptr);
  return value;
}

// Null where OpenSSL makes no key of it, as where its configuration forbids the kind.
pkey make_pkey(const char* type, OSSL_PARAM_BLD* from) {
  const std::unique_ptr<OSSL_PARAM, end_by<OSSL_PARAM_free>> parts(OSSL_PARAM_BLD_to_param(from));
  const std::unique_ptr<EVP_PKEY_CTX, end_by<EVP_PKEY_CTX_free>> maker(
      EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  FACTORD_CHECK(parts != nullptr);
  EVP_PKEY* made = nullptr;
  const bool done = maker != nullptr && EVP_PKEY_fromdata_init(maker.get()) == 1 &&
                    EVP_PKEY_fromdata(maker.get(), &made, EVP_PKEY_PUBLIC_KEY, parts.get()) == 1;
  pkey owned(made);
  if (done) return owned;
  ERR_clear_error();
  return nullptr;
}

bool is_on_its_curve(EVP_PKEY* point) {
  const std::unique_ptr<EVP_PKEY_CTX, end_by<EVP_PKEY_CTX_free>> judge(
      EVP_PKEY_CTX_new(point, nullptr));
  const bool good = judge != nullptr && EVP_PKEY_public_check(judge.get()) == 1;
  if (!good) ERR_clear_error();
  return good;
}

using key_parts = std::unique_ptr<OSSL_PARAM_BLD, end_by<OSSL_PARAM_BLD_free>>;

result<pkey> read_rsa(const json::object& from) {
  auto n = read_number(from, "n");
  if (!n) return n.error();
  auto e = read_number(from, "e");
  if (!e) return e.error();
  const int bits = BN_num_bits(n->get());
  if (bits < rsa_bits_min) return bad_jwk("its modulus is below 2048 bits");
  if (bits > rsa_bits_max) return bad_jwk("its modulus is above 8192 bits");
  if (BN_is_odd(n->get()) == 0) return bad_jwk("its modulus is even");
  if (BN_is_odd(e->get()) == 0 || BN_is_one(e->get()) == 1 || BN_num_bits(e->get()) > 32)
    return bad_jwk("its exponent is not odd and from 3 to 2^32");
  const key_parts from_these(OSSL_PARAM_BLD_new());
  FACTORD_CHECK(from_these != nullptr &&
                OSSL_PARAM_BLD_push_BN(from_these.get(), OSSL_PKEY_PARAM_RSA_N, n->get()) == 1 &&
                OSSL_PARAM_BLD_push_BN(from_these.get(), OSSL_PKEY_PARAM_RSA_E, e->get()) == 1);
  // No EVP_PKEY_public_check: looking for factors takes 0.15 s for 8192 bits, of whoever sends a
  // set, and finds but the small ones.
  pkey made = make_pkey("RSA", from_these.get());
  if (made == nullptr) return bad_jwk("it is no RSA key");
  return made;
}

result<pkey> read_p256(const json::object& from) {
  const auto x = read_bytes(from, "x");
  if (!x) return x.error();
  const auto y = read_bytes(from, "y");
  if (!y) return y.error();
  if (x->size() != p256_number_bytes || y->size() != p256_number_bytes)
    return bad_jwk("a coordinate is not of 32 bytes");
  const std::string point = '\x04' + *x + *y;  // SEC 1, section 2.3.3: uncompressed
  const key_parts from_these(OSSL_PARAM_BLD_new());
  FACTORD_CHECK(from_these != nullptr &&
                OSSL_PARAM_BLD_push_utf8_string(from_these.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                                "prime256v1", 0) == 1 &&
                OSSL_PARAM_BLD_push_octet_string(from_these.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                                 point.data(), point.size()) == 1);
  pkey made = make_pkey("EC", from_these.get());
  if (made == nullptr || !is_on_its_curve(made.get()))
    return bad_jwk("its point is not on the curve");
  return made;
}

result<pkey> read_ed25519(const json::object& from) {
  const auto x = read_bytes(from, "x");
  if (!x) return x.error();
  if (!is_ed25519_key(*x)) return bad_jwk("its point is not on the curve, or anybody's");
  pkey made(EVP_PKEY_new_raw_public_key(
      EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(x->data()), x->size()));
  if (made == nullptr) {
    ERR_clear_error();
    return bad_jwk("it is no Ed25519 key");
  }
  return made;
}

result<pkey> read_material(algorithm by, const json::object& from) {
  switch (by) {
    case algorithm::es256:
      return read_p256(from);
    case algorithm::eddsa:
      return read_ed25519(from);
    default:
      return read_rsa(from);
  }
}

// RFC 7518, sections 6.2.2 and 6.3.2: whoever shows one to all has no secret any more.
bool shows_secret(const json::object& from) {
  constexpr auto names =
      std::to_array<std::string_view>({"d", "p", "q", "dp", "dq", "qi", "oth", "k"});
  return std::ranges::any_of(names, [&](std::string_view name) { return has(from, name); });
}

}  // namespace

result<std::optional<key>> read_jwk(const json::object& from) {
  const auto usable = is_for_signatures(from);
  if (!usable) return usable.error();
  const auto by = algorithm_of(from);
  if (!by) return by.error();
  if (!*usable || !*by) return std::optional<key>{};
  const json::string* kid = find_text(from, "kid");
  if (kid == nullptr || kid->empty()) return bad_jwk("`kid` is missing");
  if (kid->size() > kid_bytes_max) return bad_jwk("`kid` is above 256 bytes");
  if (shows_secret(from)) return bad_jwk("it has private members");
  auto material = read_material(**by, from);
  if (!material) return material.error();
  return std::optional<key>(std::in_place, std::string(view(*kid)), **by, std::move(*material));
}

}  // namespace factord::jwt

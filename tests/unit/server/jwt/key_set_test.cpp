#include "server/jwt/key_set.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <string>
#include <vector>

#include "server/jwt/base64url.hpp"
#include "storage/base/enum_table.hpp"
#include "tests/support/base64url.hpp"
#include "tests/support/jwt_signer.hpp"
#include "tests/unit/server/jwt/vectors.hpp"

namespace factord::jwt::key_set_test {
namespace {

using factord::testing::encode_base64url;
using factord::testing::jwks;
using factord::testing::jwt_signer;

std::string fault(std::string_view text) {
  const auto read = parse_key_set(text);
  return read ? std::string() : read.error().message;
}

// A set of one key with these members beside a kid.
std::string of(std::string_view members) {
  return jwks({R"({"kid":"a",)" + std::string(members) + "}"});
}

const jwt_signer& signer(algorithm by) {
  static const std::vector<jwt_signer> all = [] {
    std::vector<jwt_signer> made;
    for (std::size_t i = 0; i < count_of<algorithm>; ++i) {
      const auto one = static_cast<algorithm>(i);
      made.emplace_back(one, std::string(name(one)));
    }
    return made;
  }();
  return all[static_cast<std::size_t>(by)];
}

TEST(key_set, verifies_what_the_rfcs_have_signed) {
  for (const testing::vector& one : testing::vectors) {
    const auto keys = parse_key_set(of(one.material));
    ASSERT_TRUE(keys) << one.from << ": " << keys.error().message;
    const key* found = keys->find("a");
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->by(), one.by) << one.from;
    const std::size_t dot = one.token.rfind('.');
    std::string text(one.token.substr(0, dot));
    std::string signature = *decode_base64url(one.token.substr(dot + 1));
    EXPECT_TRUE(found->verifies(text, signature)) << one.from;
    EXPECT_EQ(found->signature_bytes(), signature.size());
    text.back() = 'x';
    EXPECT_FALSE(found->verifies(text, signature)) << one.from;
    text = one.token.substr(0, dot);
    for (std::size_t at = 0; at < signature.size(); ++at) {
      signature[at] = static_cast<char>(signature[at] ^ 1);
      EXPECT_FALSE(found->verifies(text, signature)) << one.from << ", byte " << at;
      signature[at] = static_cast<char>(signature[at] ^ 1);
    }
    EXPECT_FALSE(found->verifies(text, signature + '\0'));
    EXPECT_FALSE(found->verifies(text, std::string_view(signature).substr(1)));
    EXPECT_FALSE(found->verifies(text, ""));
  }
}

TEST(key_set, each_key_verifies_its_own_signatures_alone) {
  std::string all;
  for (std::size_t i = 0; i < count_of<algorithm>; ++i)
    all += (i == 0 ? "" : ",") + signer(static_cast<algorithm>(i)).jwk();
  const auto keys = parse_key_set(R"({"keys":[)" + all + "]}");
  ASSERT_TRUE(keys) << keys.error().message;
  EXPECT_EQ(keys->size(), count_of<algorithm>);
  for (std::size_t i = 0; i < count_of<algorithm>; ++i) {
    const std::string signature = signer(static_cast<algorithm>(i)).signature("text");
    for (std::size_t j = 0; j < count_of<algorithm>; ++j) {
      const key* by = keys->find(name(static_cast<algorithm>(j)));
      ASSERT_NE(by, nullptr);
      EXPECT_EQ(by->verifies("text", signature), i == j) << i << ' ' << j;
    }
  }
  EXPECT_EQ(keys->find(""), nullptr);
  EXPECT_EQ(keys->find("rs256"), nullptr);
}

TEST(key_set, a_zero_signature_is_nobodys) {
  for (std::size_t i = 0; i < count_of<algorithm>; ++i) {
    const jwt_signer& one = signer(static_cast<algorithm>(i));
    const auto keys = parse_key_set(jwks({one.jwk()}));
    const key* by = keys->find(one.kid());
    EXPECT_FALSE(by->verifies("text", std::string(by->signature_bytes(), '\0')));
    EXPECT_FALSE(by->verifies("text", std::string(by->signature_bytes(), '\xff')));
  }
}

TEST(key_set, keys_for_something_else_are_passed_over) {
  const std::string good = signer(algorithm::eddsa).jwk();
  const std::string rsa = signer(algorithm::rs256).material();
  const std::string ec = signer(algorithm::es256).material();
  for (const std::string& other :
       {R"({"kid":"b","use":"enc",)" + rsa + "}",
        R"({"kid":"b","key_ops":["encrypt"],)" + rsa + "}",
        R"({"kid":"b","key_ops":[],)" + rsa + "}", R"({"kid":"b","alg":"RS512",)" + rsa + "}",
        R"({"kid":"b","alg":"RSA-OAEP",)" + rsa + "}", R"({"kid":"b","alg":"ES256K",)" + ec + "}",
        R"({"kid":"b","alg":"HS256",)" + rsa + "}", R"({"kid":"b","alg":"none",)" + rsa + "}",
        std::string(R"({"kid":"b","kty":"oct","k":"c2VjcmV0","alg":"HS256"})"),
        std::string(R"({"kid":"b","kty":"EC","crv":"P-384","x":"AA","y":"AA"})"),
        std::string(R"({"kid":"b","kty":"OKP","crv":"X25519","x":"AA"})"),
        std::string(R"({"kid":"b","kty":"OKP","crv":"Ed448","x":"AA"})"),
        std::string(R"({"kty":"AKP","alg":"ML-DSA-44","pub":"AA"})")}) {
    const auto keys = parse_key_set(jwks({other, good}));
    ASSERT_TRUE(keys) << other << ": " << keys.error().message;
    EXPECT_EQ(keys->size(), 1U) << other;
    EXPECT_EQ(fault(jwks({other})), "no key in it is one for RS256, PS256, ES256 or EdDSA");
  }
}

TEST(key_set, what_is_said_besides_does_not_matter) {
  const std::string ec = signer(algorithm::es256).material();
  for (const char* more :
       {R"("use":"sig")", R"("key_ops":["verify"])", R"("key_ops":["sign","verify"],"use":"sig")",
        R"("alg":"ES256")", R"("x5t":"abc","x5c":["abc"],"issuer":"https://a","nbf":1)"})
    EXPECT_EQ(fault(of(std::string(more) + "," + ec)), "") << more;
  const std::string rsa = signer(algorithm::ps256).material();
  EXPECT_EQ(parse_key_set(of(rsa))->find("a")->by(), algorithm::rs256) << "without alg";
  EXPECT_EQ(parse_key_set(of(R"("alg":"PS256",)" + rsa))->find("a")->by(), algorithm::ps256);
}

struct unusable {
  std::string set;
  std::string_view fault;
};

TEST(key_set, keys_that_cannot_be_used_are_refused) {
  const std::string rsa = signer(algorithm::rs256).material();
  const std::string ec = signer(algorithm::es256).material();
  const std::string okp = signer(algorithm::eddsa).material();
  const std::string n = R"("kty":"RSA","e":"AQAB","n":")";
  const std::string rsa_n = rsa.substr(0, rsa.rfind(",\"e\""));
  const auto text = [](const std::string& bytes) { return encode_base64url(bytes); };
  const std::vector<unusable> table = {
      {of(R"("use":1,)" + rsa), "key 1: `use` is not a string"},
      {of(R"("key_ops":"verify",)" + rsa), "key 1: `key_ops` is not a list"},
      {of(R"("alg":7,)" + rsa), "key 1: `alg` is not a string"},
      {of(R"("alg":"ES256",)" + rsa), "key 1: `alg` is not one of its kind of key"},
      {of(R"("alg":"RS256",)" + ec), "key 1: `alg` is not one of its kind of key"},
      {of(R"("alg":"EdDSA",)" + ec), "key 1: `alg` is not one of its kind of key"},
      {of(R"("alg":"RS256",)" + okp), "key 1: `alg` is not one of its kind of key"},
      {of(R"("n":"AQAB")"), "key 1: `kty` is missing"},
      {of(R"("kty":"EC","x":"AA")"), "key 1: `crv` is missing"},
      {jwks({"{" + rsa + "}"}), "key 1: `kid` is missing"},
      {jwks({R"({"kid":"",)" + rsa + "}"}), "key 1: `kid` is missing"},
      {jwks({R"({"kid":7,)" + rsa + "}"}), "key 1: `kid` is missing"},
      {jwks({R"({"kid":")" + std::string(257, 'k') + "\"," + rsa + "}"}),
       "key 1: `kid` is above 256 bytes"},
      {jwks({R"({"kid":"a",)" + rsa + "}", R"({"kid":"a",)" + ec + "}"}),
       "key 2: its `kid` is there twice"},
      {of(R"("d":"AQAB",)" + rsa), "key 1: it has private members"},
      {of(R"("d":"AQAB",)" + ec), "key 1: it has private members"},
      {of(R"("d":"AQAB",)" + okp), "key 1: it has private members"},
      {of(R"("p":"AQAB",)" + rsa), "key 1: it has private members"},
      {of(R"("oth":[],)" + rsa), "key 1: it has private members"},
      {of(R"("k":"AQAB",)" + rsa), "key 1: it has private members"},
      {of(n + "AA\""), "key 1: `n` begins with a zero"},
      {of(n + "A+A\""), "key 1: `n` is not base64url"},
      {of(n + "\""), "key 1: `n` is not base64url"},
      {of(n + text("\x7f" + std::string(255, '\x01')) + "\""),
       "key 1: its modulus is below 2048 bits"},
      {of(n + text("\x80" + std::string(255, '\x02')) + "\""), "key 1: its modulus is even"},
      {of(n + text("\x01" + std::string(1024, '\x01')) + "\""),
       "key 1: its modulus is above 8192 bits"},
      {of(rsa_n + R"(,"e":"AQ")"), "key 1: its exponent is not odd and from 3 to 2^32"},
      {of(rsa_n + R"(,"e":"Ag")"), "key 1: its exponent is not odd and from 3 to 2^32"},
      {of(rsa_n + R"(,"e":"AQAAAAE")"), "key 1: its exponent is not odd and from 3 to 2^32"},
      {of(rsa_n), "key 1: `e` is not base64url"},
      {of(R"("kty":"EC","crv":"P-256","x":"AA","y":"AA")"),
       "key 1: a coordinate is not of 32 bytes"},
      {of(R"("kty":"EC","crv":"P-256","x":")" + text(std::string(32, '\x01')) + R"(","y":")" +
          text(std::string(32, '\x01')) + "\""),
       "key 1: its point is not on the curve"},
      {of(R"("kty":"EC","crv":"P-256","x":")" + text(std::string(32, '\xff')) + R"(","y":")" +
          text(std::string(32, '\x01')) + "\""),
       "key 1: its point is not on the curve"},
      {of(R"("kty":"EC","crv":"P-256","x":"AA")"), "key 1: `y` is not base64url"},
      {of(R"("kty":"OKP","crv":"Ed25519","x":"AA")"),
       "key 1: its point is not on the curve, or anybody's"},
      {of(R"("kty":"OKP","crv":"Ed25519","y":"AA")"), "key 1: `x` is not base64url"},
      {R"({"keys":[7]})", "key 1: it is not an object"},
      {R"({"keys":[]})", "no key in it is one for RS256, PS256, ES256 or EdDSA"},
      {R"({"keys":{}})", "it has no list `keys`"},
      {R"({})", "it has no list `keys`"},
      {R"([])", "it has no list `keys`"},
      {R"({"keys":[],"keys":[]})", "invalid JSON: a member is there twice"},
      {of(R"("kid":"b",)" + rsa), "invalid JSON: a member is there twice"},
  };
  for (const unusable& row : table) EXPECT_EQ(fault(row.set), row.fault) << row.set;
  EXPECT_NE(fault("<html>"), "");
  EXPECT_NE(fault(""), "");
}

// Nobody looks for their factors, which takes its time: all of these have 3, 5 or 17.
TEST(key_set, moduli_are_taken_from_their_bound_to_their_bound) {
  const std::string n = R"("kty":"RSA","e":"Aw","n":")";
  for (const std::size_t bytes : {256U, 1024U})
    for (const char each : {'\x81', '\x87', '\xff'})
      EXPECT_EQ(fault(of(n + encode_base64url(std::string(bytes, each)) + "\"")), "") << bytes;
}

// As a machine does whose OpenSSL is bound to an algorithm less (FIPS).
struct openssl_without_algorithms {
  openssl_without_algorithms() { EVP_set_default_properties(nullptr, "provider=nobody"); }
  ~openssl_without_algorithms() { EVP_set_default_properties(nullptr, ""); }
  openssl_without_algorithms(const openssl_without_algorithms&) = delete;
  openssl_without_algorithms& operator=(const openssl_without_algorithms&) = delete;
};

TEST(key_set, what_openssl_does_not_do_is_refused) {
  for (std::size_t i = 0; i < count_of<algorithm>; ++i) {
    const jwt_signer& one = signer(static_cast<algorithm>(i));
    const auto keys = parse_key_set(jwks({one.jwk()}));
    ASSERT_TRUE(keys);
    const key* by = keys->find(one.kid());
    const std::string signature = one.signature("text");
    {
      const openssl_without_algorithms now;
      EXPECT_NE(fault(jwks({one.jwk()})), "") << one.kid();
      EXPECT_FALSE(by->verifies("text", signature)) << one.kid();
      EXPECT_EQ(ERR_peek_error(), 0U) << one.kid();
    }
    EXPECT_TRUE(by->verifies("text", signature)) << one.kid();
  }
}

// The encodings of the points of order 1, 2, 4 and 8, by which anybody can sign; and what is no
// canonical encoding, or on no point.
TEST(key_set, an_ed25519_key_is_a_point_of_large_order) {
  std::vector<std::string> bad;
  const std::string zero(32, '\0');
  const std::string minus_one = "\xec" + std::string(30, '\xff') + "\x7f";
  const std::string order8 =
      "\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0"
      "\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05";
  const std::string other8 =
      "\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f"
      "\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a";
  std::string one = zero;
  one[0] = '\x01';
  for (std::string y : {zero, one, minus_one, order8, other8}) {
    bad.push_back(y);
    y.back() = static_cast<char>(y.back() ^ '\x80');
    bad.push_back(y);
  }
  std::string two = zero;
  two[0] = '\x02';                                           // on no point
  bad.insert(bad.end(), {two, "\xed" + minus_one.substr(1),  // 0 and 1 once more, by p and p + 1
                         "\xee" + minus_one.substr(1), std::string(32, '\xff')});
  for (const std::string& x : bad)
    EXPECT_EQ(fault(of(R"("kty":"OKP","crv":"Ed25519","x":")" + encode_base64url(x) + "\"")),
              "key 1: its point is not on the curve, or anybody's");
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(fault(jwks({jwt_signer(algorithm::eddsa, "a").jwk()})), "");
}

TEST(key_set, has_bounds) {
  const std::string good = signer(algorithm::eddsa).jwk();
  std::string list = good;
  for (std::size_t i = 1; i < keys_max; ++i) list += R"(,{"kty":"oct"})";
  EXPECT_EQ(fault(R"({"keys":[)" + list + "]}"), "");
  EXPECT_EQ(fault(R"({"keys":[)" + list + R"(,{"kty":"oct"}]})"), "it has too many keys");
  std::string set = jwks({good});
  set.append(key_set_bytes_max - set.size(), ' ');
  EXPECT_EQ(fault(set), "");
  EXPECT_EQ(fault(set + " "), "it is too large");
}

TEST(key_set, tells_whether_another_is_a_part_of_it) {
  const jwt_signer a(algorithm::eddsa, "a");
  const jwt_signer b(algorithm::es256, "b");
  const jwt_signer other_a(algorithm::eddsa, "a");
  const std::string rsa = signer(algorithm::rs256).material();
  const auto set = [](std::initializer_list<std::string> keys) {
    return *parse_key_set(jwks(keys));
  };
  EXPECT_TRUE(set({a.jwk(), b.jwk()}).has_all_of(set({a.jwk()})));
  EXPECT_TRUE(set({a.jwk(), b.jwk()}).has_all_of(set({b.jwk(), a.jwk()})));
  EXPECT_FALSE(set({a.jwk()}).has_all_of(set({a.jwk(), b.jwk()})));
  EXPECT_FALSE(set({a.jwk(), b.jwk()}).has_all_of(set({other_a.jwk()})))
      << "another key of its name";
  EXPECT_FALSE(set({R"({"kid":"r","alg":"RS256",)" + rsa + "}"})
                   .has_all_of(set({R"({"kid":"r","alg":"PS256",)" + rsa + "}"})));
}

}  // namespace
}  // namespace factord::jwt::key_set_test

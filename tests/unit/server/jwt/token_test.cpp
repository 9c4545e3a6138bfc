#include "server/jwt/token.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/support/base64url.hpp"
#include "tests/unit/server/jwt/token_fixture.hpp"

namespace factord::jwt::token_test {
namespace {

using factord::testing::encode_base64url;
using factord::testing::hmac_sha256;
using factord::testing::jwks;
using factord::testing::jwt_signer;
using testing::noon;
using testing::payload;
using testing::signer_of;
using testing::world;

struct row {
  std::string_view rule;  ///< that is broken; empty: it is good
  std::string token;
};

const jwt_signer& rsa() { return signer_of(algorithm::rs256); }
const jwt_signer& pss() { return signer_of(algorithm::ps256); }
const jwt_signer& ec() { return signer_of(algorithm::es256); }
const jwt_signer& ed() { return signer_of(algorithm::eddsa); }

// By the key of Ed25519, which is the fastest, with more in the header.
std::string with_header(std::string_view more) {
  return ed().sign(R"({"alg":"EdDSA","kid":"EdDSA",)" + std::string(more) + "}", payload());
}
std::string headed(std::string_view header) { return ed().sign(header, payload()); }
std::string says(std::string name, std::string value) {
  return ed().sign(payload({{std::move(name), std::move(value)}}));
}

// Signed by HMAC with what is public: what confuses algorithms takes it.
std::string by_hmac(const jwt_signer& of, std::string_view secret, std::string_view alg) {
  const std::string text =
      encode_base64url(R"({"alg":")" + std::string(alg) + R"(","kid":")" + of.kid() + "\"}") + "." +
      encode_base64url(payload());
  return text + "." + encode_base64url(hmac_sha256(secret, text));
}

std::string without_signature(std::string_view header) {
  return encode_base64url(header) + "." + encode_base64url(payload()) + ".";
}

// Of exactly that size: base64url does not have every length, but a header of another one does.
std::string padded_to(std::size_t size) {
  for (std::size_t blanks = 0; blanks < 3; ++blanks) {
    const std::string header = ed().header() + std::string(blanks, ' ');
    for (std::size_t pad = size * 3 / 4 - 400; pad < size * 3 / 4; ++pad) {
      std::string token =
          ed().sign(header, payload({{"pad", "\"" + std::string(pad, 'x') + "\""}}));
      if (token.size() == size) return token;
    }
  }
  return {};
}

void append_forms(std::vector<row>& to) {
  const std::string good = ed().sign(payload());
  const std::size_t dot = good.find('.');
  const std::size_t last = good.rfind('.');
  const auto with = [&](std::size_t at, std::string_view text) {
    return std::string(good).insert(at, text);
  };
  to.insert(to.end(),
            {{"", good},
             {"", padded_to(token_bytes_max)},
             {"size", padded_to(token_bytes_max + 1)},
             {"parts", ""},
             {"parts", "e30"},
             {"parts", good.substr(0, last)},
             {"parts", good + "."},
             {"parts", good + ".e30.e30"},
             {"parts", good.substr(0, last + 1)},
             {"parts", "." + good.substr(dot + 1, last - dot - 1) + "." + good.substr(last + 1)},
             {"parts", good.substr(0, dot) + ".." + good.substr(last + 1)},
             {"encoding", with(0, " ")},
             {"encoding", with(dot, "=")},
             {"encoding", with(dot, "==")},
             {"encoding", with(last, "=")},
             {"encoding", good + "="},
             {"encoding", good + "=="},
             {"encoding", good + "\n"},
             {"encoding", with(1, "+")},
             {"encoding", with(dot + 1, "/")},
             {"signature_size", good + "A"},
             {"encoding", ed().sign_parts("e31." + encode_base64url(payload()))},  // last bits
             {"encoding", ed().sign_parts(encode_base64url(ed().header()) + ".e31")}});
}

void append_headers(std::vector<row>& to) {
  const std::string kid = R"("kid":"EdDSA")";
  const std::string alg = R"("alg":"EdDSA")";
  to.insert(to.end(),
            {{"parts", headed("")},
             {"header", headed("[]")},
             {"header", headed("\"e\"")},
             {"header", headed("{" + alg + "," + kid)},
             {"header", headed("{" + alg + "," + kid + "}{}")},
             {"header", headed("{" + alg + "," + alg + "," + kid + "}")},
             {"header", headed("{" + alg + R"(,"alg":"none",)" + kid + "}")},
             {"header", with_header(R"("x":{"a":1,"a":1})")},
             {"header", with_header(R"("x":"\u0000")")},
             {"header", with_header("\"x\":\"\xff\"")},
             {"header", with_header("\"x\":" + std::string(40, '[') + std::string(40, ']'))},
             {"embedded_key", with_header("\"jwk\":{" + ed().material() + "}")},
             {"embedded_key", with_header(R"("jwk":null)")},
             {"embedded_key", with_header(R"("jku":"https://evil.example/jwks")")},
             {"embedded_key", with_header(R"("x5u":"https://evil.example/chain")")},
             {"embedded_key", with_header(R"("x5c":["AAAA"])")},
             {"critical", with_header(R"("crit":["exp"],"exp":1800003600)")},
             {"critical", with_header(R"("crit":[])")},
             {"critical", with_header(R"("b64":false)")},
             {"encrypted", with_header(R"("zip":"DEF")")},
             {"encrypted", with_header(R"("enc":"A256GCM")")},
             {"algorithm", headed("{" + kid + "}")},
             {"algorithm", headed(R"({"alg":null,)" + kid + "}")},
             {"algorithm", headed(R"({"alg":["EdDSA"],)" + kid + "}")},
             {"algorithm", headed(R"({"alg":"",)" + kid + "}")},
             {"algorithm", headed(R"({"alg":"none",)" + kid + "}")},
             {"algorithm", headed(R"({"alg":"NONE",)" + kid + "}")},
             {"parts", without_signature(R"({"alg":"none",)" + kid + "}")},
             {"algorithm", without_signature(R"({"alg":"none",)" + kid + "}") + "AAAA"},
             {"algorithm", headed(R"({"alg":"eddsa",)" + kid + "}")},
             {"algorithm", headed(R"({"alg":"HS256",)" + kid + "}")},
             {"algorithm", headed(R"({"alg":"RS384",)" + kid + "}")},
             {"algorithm", headed(R"({"alg":"RS512",)" + kid + "}")},
             {"algorithm", headed(R"({"alg":"ES384",)" + kid + "}")},
             {"algorithm", headed(R"({"alg":"ES256K",)" + kid + "}")},
             {"algorithm", headed(R"({"alg":"RSA-OAEP",)" + kid + "}")},
             {"algorithm", headed(R"({"alg":"dir",)" + kid + "}")},
             {"", with_header(R"("typ":"JWT")")},
             {"", with_header(R"("typ":"jwt")")},
             {"", with_header(R"("typ":"at+jwt")")},
             {"", with_header(R"("typ":"AT+JWT")")},
             {"type", with_header(R"("typ":"JOSE")")},
             {"type", with_header(R"("typ":"dpop+jwt")")},
             {"type", with_header(R"("typ":"logout+jwt")")},
             {"type", with_header(R"("typ":"")")},
             {"type", with_header(R"("typ":["JWT"])")},
             {"type", with_header(R"("typ":null)")},
             {"key_name", headed("{" + alg + "}")},
             {"key_name", headed("{" + alg + R"(,"kid":"")" + "}")},
             {"key_name", headed("{" + alg + R"(,"kid":7})")},
             {"", with_header(R"("x5t":"abc","x5t#S256":"abc","cty":"x","nonce":{"a":[1]})")}});
}

void append_claims(std::vector<row>& to) {
  const auto whole = [](std::string_view text) { return ed().sign(text); };
  const std::string list = R"(["a","factord","b"])";
  to.insert(to.end(), {{"parts", whole("")},
                       {"payload", whole("[]")},
                       {"payload", whole("{")},
                       {"payload", whole(R"({"sub":"a","sub":"a"})")},
                       {"payload", says("x", R"({"exp":1,"exp":2})")},
                       {"payload", says("sub", R"("\u0000")")},
                       {"payload", says("x", std::string(17, '[') + std::string(17, ']'))},
                       {"issuer", whole("{}")},
                       {"issuer", says("iss", "")},
                       {"issuer", says("iss", "null")},
                       {"issuer", says("iss", R"(["https://issuer.example"])")},
                       {"issuer", says("iss", R"("https://issuer.example/")")},
                       {"issuer", says("iss", R"("HTTPS://issuer.example")")},
                       {"issuer", says("iss", R"("https://issuer.exampl")")},
                       {"issuer", says("iss", R"("")")},
                       {"audience", says("aud", "")},
                       {"audience", says("aud", R"("")")},
                       {"audience", says("aud", R"("Factord")")},
                       {"audience", says("aud", R"("factord ")")},
                       {"audience", says("aud", "[]")},
                       {"audience", says("aud", R"(["a","b"])")},
                       {"audience", says("aud", R"(["factord",7])")},
                       {"audience", says("aud", R"([["factord"]])")},
                       {"audience", says("aud", R"({"factord":"factord"})")},
                       {"audience", says("aud", "null")},
                       {"", says("aud", R"(["factord"])")},
                       {"", says("aud", list)},
                       {"subject", says("sub", "")},
                       {"subject", says("sub", R"("")")},
                       {"subject", says("sub", "7")},
                       {"subject", says("sub", "null")},
                       {"subject", says("sub", R"(["somebody"])")},
                       {"subject", says("sub", "\"" + std::string(201, 's') + "\"")},
                       {"", says("sub", "\"" + std::string(200, 's') + "\"")},
                       {"", says("jti", R"("x")")}});
  std::string wide = "\"";
  for (int i = 0; i < 200; ++i) wide += "\xF0\x9F\x98\x80";
  to.push_back({"", says("sub", wide + "\"")});
  to.push_back({"subject", says("sub", wide + "a\"")});
}

void append_times(std::vector<row>& to) {
  to.insert(to.end(), {{"expiry", says("exp", "")},
                       {"expiry", says("exp", "null")},
                       {"expiry", says("exp", R"("1800003600")")},
                       {"expiry", says("exp", "true")},
                       {"expiry", says("exp", "[1800003600]")},
                       {"expired", says("exp", "0")},
                       {"expired", says("exp", "-1")},
                       {"expired", says("exp", "-1e300")},
                       {"expired", says("exp", "1799999999")},
                       {"expired", says("exp", "1800000000")},
                       {"", says("exp", "1800000001")},
                       {"expired", says("exp", "1800000000.0")},
                       {"", says("exp", "1800000000.001")},
                       {"expired", says("exp", "1799999999.999")},
                       {"expired", says("exp", "18e8")},
                       {"", says("exp", "18.1e8")},
                       {"", says("exp", "99999999999999999")},
                       {"", says("exp", "18446744073709551615")},
                       {"", says("exp", "1e300")},
                       {"", says("nbf", "1800000060")},
                       {"too_early", says("nbf", "1800000061")},
                       {"too_early", says("nbf", "1800000060.001")},
                       {"too_early", says("nbf", "1e300")},
                       {"", says("nbf", "0")},
                       {"", says("nbf", "-5.5")},
                       {"", says("nbf", "-1e300")},
                       {"not_before", says("nbf", "null")},
                       {"not_before", says("nbf", R"("0")")},
                       {"", says("iat", "1800000060")},
                       {"issued_later", says("iat", "1800000061")},
                       {"issued_later", says("iat", "1800000060.5")},
                       {"", says("iat", "1")},
                       {"issued_at", says("iat", R"("1")")},
                       {"issued_at", says("iat", "{}")}});
}

void append_keys(std::vector<row>& to) {
  const jwt_signer strange(algorithm::eddsa, "EdDSA");
  const jwt_signer unknown(algorithm::eddsa, "strange");
  const jwt_signer strange_ec(algorithm::es256, "ES256");
  const auto header = [](std::string_view alg, std::string_view kid) {
    return R"({"alg":")" + std::string(alg) + R"(","kid":")" + std::string(kid) + "\"}";
  };
  const std::string text = encode_base64url(ed().header()) + "." + encode_base64url(payload());
  const auto signed_as = [&](std::string_view bytes) {
    return text + "." + encode_base64url(bytes);
  };
  to.insert(to.end(),
            {{"", rsa().sign(payload())},
             {"", pss().sign(payload())},
             {"", ec().sign(payload())},
             {"unknown_key", unknown.sign(payload())},
             {"unknown_key", ed().sign(header("EdDSA", "../../keys"), payload())},
             {"unknown_key", ed().sign(header("EdDSA", "eddsa"), payload())},
             {"unknown_key", ed().sign(header("EdDSA", "' OR 1=1 --"), payload())},
             {"unknown_key", ed().sign(header("EdDSA", std::string(3000, 'k')), payload())},
             {"key_algorithm", rsa().sign(header("PS256", "RS256"), payload())},
             {"key_algorithm", pss().sign(header("RS256", "PS256"), payload())},
             {"key_algorithm", pss().sign(header("PS256", "RS256"), payload())},
             {"key_algorithm", rsa().sign(header("ES256", "RS256"), payload())},
             {"key_algorithm", ec().sign(header("ES256", "EdDSA"), payload())},
             {"key_algorithm", ed().sign(header("EdDSA", "ES256"), payload())},
             {"key_algorithm", ed().sign(header("EdDSA", "RS256"), payload())},
             {"algorithm", by_hmac(rsa(), rsa().pem(), "HS256")},
             {"algorithm", by_hmac(rsa(), rsa().jwk(), "HS256")},
             {"signature_size", by_hmac(rsa(), rsa().pem(), "RS256")},
             {"signature_size", by_hmac(ed(), ed().pem(), "EdDSA")},
             {"signature_size", signed_as(std::string(63, 'x'))},
             {"signature_size", signed_as(std::string(65, 'x'))},
             {"signature_size", ed().sign(header("RS256", "RS256"), payload())},
             {"signature", signed_as(std::string(64, '\0'))},
             {"signature", signed_as(std::string(64, '\xff'))},
             {"signature", strange.sign(payload())},
             {"signature", strange_ec.sign(payload())},
             {"signature", pss().sign(header("RS256", "RS256"), payload())},
             {"signature", rsa().sign(header("PS256", "PS256"), payload())},
             {"signature", encode_base64url(ed().header()) + "." +
                               encode_base64url(payload({{"sub", "\"somebodx\""}})) + "." +
                               encode_base64url(ed().signature(text))}});
}

std::vector<row> all_rows() {
  std::vector<row> rows;
  append_forms(rows);
  append_headers(rows);
  append_claims(rows);
  append_times(rows);
  append_keys(rows);
  return rows;
}

// At least one of each rule but those of roles and of an issuer without keys (below).
TEST(token, each_rule_that_is_broken_is_named) {
  const world with;
  std::set<std::string_view> seen;
  for (const row& one : all_rows()) {
    EXPECT_EQ(with.verdict(one.token), one.rule) << one.token;
    seen.insert(one.rule);
  }
  for (std::size_t i = 0; i < count_of<refusal>; ++i) {
    const auto why = static_cast<refusal>(i);
    const bool elsewhere =
        why == refusal::roles || why == refusal::organizations || why == refusal::no_keys;
    EXPECT_EQ(seen.contains(name(why)), !elsewhere) << name(why);
  }
}

TEST(token, what_is_said_is_told) {
  const world with;
  const auto judged = with.judge(says("exp", "1800000000.25"));
  ASSERT_TRUE(judged);
  EXPECT_EQ(judged->says.subject, "somebody");
  EXPECT_EQ(judged->says.expires_at, noon + std::chrono::milliseconds(250));
  EXPECT_TRUE(judged->roles.empty());
}

TEST(token, ends_and_begins_at_its_microsecond) {
  const world with;
  constexpr std::chrono::microseconds moment{1};
  const std::string token = ed().sign(payload({{"nbf", "1800000000"}, {"exp", "1800000100"}}));
  const timestamp begin = noon - clock_leeway;
  const timestamp end = noon + std::chrono::seconds(100);
  EXPECT_EQ(with.verdict(token, begin), "");
  EXPECT_EQ(with.verdict(token, begin - moment), "too_early");
  EXPECT_EQ(with.verdict(token, end - moment), "");
  EXPECT_EQ(with.verdict(token, end), "expired");
  const std::string far = says("exp", "1e300");
  EXPECT_EQ(with.judge(far)->says.expires_at, timestamp{std::chrono::seconds{253'402'300'799}});
}

TEST(token, any_changed_byte_is_refused) {
  const world with;
  for (std::size_t i = 0; i < count_of<algorithm>; ++i) {
    const std::string good = signer_of(static_cast<algorithm>(i)).sign(payload());
    ASSERT_EQ(with.verdict(good), "");
    for (std::size_t at = 0; at < good.size(); ++at) {
      for (const char c : {'A', '_', '.', '=', '\0'}) {
        std::string changed = good;
        changed[at] = c;
        EXPECT_EQ(with.verdict(changed).empty(), changed == good) << at;
      }
      EXPECT_NE(with.verdict(good.substr(0, at)), "");
    }
  }
}

TEST(token, an_issuer_without_keys_leaves_it_open) {
  world with;
  with.keys.use(nullptr, true);
  EXPECT_EQ(with.verdict(ed().sign(payload())), "no_keys");
  EXPECT_EQ(with.verdict(says("aud", "\"others\"")), "audience") << "what is wrong is wrong";
}

TEST(token, a_key_that_is_not_known_is_missed) {
  world with;
  EXPECT_EQ(with.verdict(ed().sign(payload())), "");
  EXPECT_EQ(with.verdict(headed(R"({"alg":"ES256","kid":"EdDSA"})")), "key_algorithm");
  EXPECT_FALSE(with.keys.take_missed());
  const std::string later = jwt_signer(algorithm::eddsa, "new").sign(payload());
  EXPECT_EQ(with.verdict(later), "unknown_key");
  EXPECT_TRUE(with.keys.take_missed());
  EXPECT_FALSE(with.keys.take_missed());
}

TEST(token, strangers_do_not_have_keys_looked_for) {
  world with;
  const jwt_signer unknown(algorithm::eddsa, "new");
  for (const std::string& bad :
       {unknown.sign(payload({{"iss", "\"others\""}})),
        unknown.sign(payload({{"aud", "\"others\""}})), unknown.sign(payload({{"exp", "1"}}))}) {
    EXPECT_NE(with.verdict(bad), "");
    EXPECT_FALSE(with.keys.take_missed());
  }
}

TEST(token, each_issuer_has_its_own_keys) {
  world with;
  issuer_keys theirs;
  const jwt_signer other(algorithm::eddsa, "EdDSA");
  theirs.use(std::make_shared<key_set>(*parse_key_set(jwks({other.jwk()}))), false);
  issuer_rules rules = with.rules();
  rules.issuer = "https://other.example";
  with.issuers.push_back({rules, &theirs});
  const std::string as_other = R"("https://other.example")";
  EXPECT_EQ(with.verdict(ed().sign(payload())), "");
  EXPECT_EQ(with.verdict(other.sign(payload({{"iss", as_other}}))), "");
  EXPECT_EQ(with.verdict(other.sign(payload())), "signature");
  EXPECT_EQ(with.verdict(ed().sign(payload({{"iss", as_other}}))), "signature");
}

TEST(token, is_told_from_our_own_by_its_form) {
  for (const row& one : all_rows()) {
    const bool formed = one.rule.empty() || one.rule == "signature";
    EXPECT_TRUE(!formed || looks_like_token(one.token)) << one.token;
  }
  for (const char* other : {"", "e", "e.", "eyJ", "eyJ.x", "x.y.z", "..", ".e.",
                            "ZG9ubmVyc3RhZ19pc3Rfa2VpbiB0b2tlbl9oaWVy"})
    EXPECT_FALSE(looks_like_token(other)) << other;
  for (const char* bad : {"e..", "eyJ.x.y", "eyJ.x.y.z.w"})
    EXPECT_TRUE(looks_like_token(bad)) << bad;
}

}  // namespace
}  // namespace factord::jwt::token_test

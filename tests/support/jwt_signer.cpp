#include "tests/support/jwt_signer.hpp"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <memory>
#include <utility>

#include "storage/base/check.hpp"
#include "tests/support/base64url.hpp"

namespace factord::testing {
namespace {

using jwt::algorithm;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

EVP_PKEY* make_pair(algorithm by, unsigned rsa_bits) {
  if (by == algorithm::es256) return EVP_EC_gen("P-256");
  if (by == algorithm::eddsa) return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  return EVP_RSA_gen(rsa_bits);
}

// Of so many bytes at least.
std::string number_text(const EVP_PKEY* of, const char* name, int size) {
  BIGNUM* value = nullptr;
  FACTORD_CHECK(EVP_PKEY_get_bn_param(of, name, &value) == 1);
  std::string bytes(static_cast<std::size_t>(std::max(size, BN_num_bytes(value))), '\0');
  BN_bn2binpad(value, reinterpret_cast<unsigned char*>(bytes.data()),
               static_cast<int>(bytes.size()));
  BN_free(value);
  return encode_base64url(bytes);
}

std::string member(std::string_view name, std::string_view text) {
  return "\"" + std::string(name) + "\":\"" + std::string(text) + "\"";
}

// From DER to the two numbers.
std::string to_pair(const std::string& der) {
  const unsigned char* at = bytes_of(der);
  ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  FACTORD_CHECK(pair != nullptr);
  std::string out(64, '\0');
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(pair), to, 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(pair), to + 32, 32);
  ECDSA_SIG_free(pair);
  return out;
}

}  // namespace

jwt_signer::jwt_signer(algorithm by, std::string kid, unsigned rsa_bits)
    : by_(by), kid_(std::move(kid)), pair_(make_pair(by, rsa_bits)) {
  FACTORD_CHECK(pair_ != nullptr);
}

std::string jwt_signer::material() const {
  switch (by_) {
    case algorithm::es256:
      return member("kty", "EC") + "," + member("crv", "P-256") + "," +
             member("x", number_text(pair_.get(), OSSL_PKEY_PARAM_EC_PUB_X, 32)) + "," +
             member("y", number_text(pair_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, 32));
    case algorithm::eddsa: {
      std::string raw(32, '\0');
      std::size_t size = raw.size();
      EVP_PKEY_get_raw_public_key(pair_.get(), reinterpret_cast<unsigned char*>(raw.data()), &size);
      return member("kty", "OKP") + "," + member("crv", "Ed25519") + "," +
             member("x", encode_base64url(raw));
    }
    default:
      return member("kty", "RSA") + "," +
             member("n", number_text(pair_.get(), OSSL_PKEY_PARAM_RSA_N, 1)) + "," +
             member("e", number_text(pair_.get(), OSSL_PKEY_PARAM_RSA_E, 1));
  }
}

std::string jwt_signer::jwk() const {
  return "{" + member("kid", kid_) + "," + member("alg", name(by_)) + "," + member("use", "sig") +
         "," + material() + "}";
}

std::string jwt_signer::header() const {
  return "{" + member("alg", name(by_)) + "," + member("kid", kid_) + "}";
}

std::string jwt_signer::sign(std::string_view header, std::string_view payload) const {
  return sign_parts(encode_base64url(header) + "." + encode_base64url(payload));
}

std::string jwt_signer::sign_parts(std::string_view signed_text) const {
  return std::string(signed_text) + "." + encode_base64url(signature(signed_text));
}

std::string jwt_signer::signature(std::string_view text) const {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* how = nullptr;
  const EVP_MD* hash = by_ == algorithm::eddsa ? nullptr : EVP_sha256();
  FACTORD_CHECK(EVP_DigestSignInit(context, &how, hash, nullptr, pair_.get()) == 1);
  if (by_ == algorithm::ps256) {
    EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST);
  }
  std::string out(1024, '\0');
  std::size_t size = out.size();
  FACTORD_CHECK(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(out.data()), &size,
                               bytes_of(text), text.size()) == 1);
  EVP_MD_CTX_free(context);
  out.resize(size);
  return by_ == algorithm::es256 ? to_pair(out) : out;
}

std::string jwt_signer::pem() const {
  const std::unique_ptr<BIO, decltype([](BIO* one) { BIO_free(one); })> to(BIO_new(BIO_s_mem()));
  FACTORD_CHECK(PEM_write_bio_PUBKEY(to.get(), pair_.get()) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(to.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string jwks(std::initializer_list<std::string> keys) {
  std::string all;
  for (const std::string& one : keys) all += (all.empty() ? "" : ",") + one;
  return R"({"keys":[)" + all + "]}";
}

std::string hmac_sha256(std::string_view secret, std::string_view text) {
  std::string out(32, '\0');
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes_of(text), text.size(),
       reinterpret_cast<unsigned char*>(out.data()), &size);
  return out;
}

}  // namespace factord::testing

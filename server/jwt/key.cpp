#include "server/jwt/key.hpp"

#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <utility>

#include "storage/base/check.hpp"

namespace factord::jwt {
namespace {

constexpr std::size_t es256_number_bytes = 32;  // RFC 7518, section 3.4: R, then S

const unsigned char* as_unsigned(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}

struct digest_end {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

struct signature_end {
  void operator()(ECDSA_SIG* pair) const noexcept { ECDSA_SIG_free(pair); }
};

// The two numbers as OpenSSL has them: DER.
std::string to_der(std::string_view signature) {
  const std::unique_ptr<ECDSA_SIG, signature_end> pair(ECDSA_SIG_new());
  FACTORD_CHECK(pair != nullptr);
  constexpr int size = es256_number_bytes;
  BIGNUM* r = BN_bin2bn(as_unsigned(signature), size, nullptr);
  BIGNUM* s = BN_bin2bn(as_unsigned(signature) + size, size, nullptr);
  FACTORD_CHECK(r != nullptr && s != nullptr && ECDSA_SIG_set0(pair.get(), r, s) == 1);
  std::string der(static_cast<std::size_t>(i2d_ECDSA_SIG(pair.get(), nullptr)), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_ECDSA_SIG(pair.get(), &out);
  return der;
}

bool begin(EVP_MD_CTX* context, algorithm by, EVP_PKEY* material) {
  const EVP_MD* hash = by == algorithm::eddsa ? nullptr : EVP_sha256();
  EVP_PKEY_CTX* how = nullptr;
  if (EVP_DigestVerifyInit(context, &how, hash, nullptr, material) != 1) return false;
  if (by != algorithm::ps256) return true;
  return EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(how, hash) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST) == 1;
}

std::size_t signature_bytes_of(algorithm by, const EVP_PKEY* material) {
  switch (by) {
    case algorithm::es256:
      return 2 * es256_number_bytes;
    case algorithm::eddsa:
      return 64;  // RFC 8032, section 5.1.6
    default:
      return static_cast<std::size_t>(EVP_PKEY_get_size(material));
  }
}

}  // namespace

void pkey_end::operator()(EVP_PKEY* material) const noexcept { EVP_PKEY_free(material); }

key::key(std::string id, algorithm by, pkey material)
    : id_(std::move(id)),
      by_(by),
      material_(std::move(material)),
      signature_bytes_(signature_bytes_of(by, material_.get())) {}

bool key::verifies(std::string_view text, std::string_view signature) const {
  if (signature.size() != signature_bytes_) return false;
  const std::unique_ptr<EVP_MD_CTX, digest_end> context(EVP_MD_CTX_new());
  FACTORD_CHECK(context != nullptr);
  std::string der;
  if (by_ == algorithm::es256) signature = der = to_der(signature);
  // OpenSSL's configuration may forbid the algorithm. Below 0 where the signature is not even one:
  // as good as 0.
  const bool good = begin(context.get(), by_, material_.get()) &&
                    EVP_DigestVerify(context.get(), as_unsigned(signature), signature.size(),
                                     as_unsigned(text), text.size()) == 1;
  if (!good) ERR_clear_error();
  return good;
}

bool key::operator==(const key& other) const noexcept {
  return id_ == other.id_ && by_ == other.by_ &&
         EVP_PKEY_eq(material_.get(), other.material_.get()) == 1;
}

}  // namespace factord::jwt

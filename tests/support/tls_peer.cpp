#include "tests/support/tls_peer.hpp"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <cstdio>

#include "storage/base/check.hpp"

namespace factord::testing {

protocol::tls_files make_certificate(const std::filesystem::path& directory,
                                     const std::string& name) {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509* const certificate = X509_new();
  FACTORD_CHECK(key != nullptr && certificate != nullptr);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_NAME* const subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate, subject);
  X509_set_pubkey(certificate, key);
  FACTORD_CHECK(X509_sign(certificate, key, EVP_sha256()) > 0);

  protocol::tls_files made;
  made.certificate = (directory / (name + ".cert")).string();
  made.key = (directory / (name + ".key")).string();
  std::FILE* file = std::fopen(made.certificate.c_str(), "w");
  FACTORD_CHECK(file != nullptr && PEM_write_X509(file, certificate) == 1);
  std::fclose(file);
  file = std::fopen(made.key.c_str(), "w");
  FACTORD_CHECK(file != nullptr &&
                PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  std::fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return made;
}

tls_peer::tls_peer(std::string_view protocols)
    : context_(SSL_CTX_new(TLS_client_method())),
      ssl_(SSL_new(context_.get())),
      in_(BIO_new(BIO_s_mem())),
      out_(BIO_new(BIO_s_mem())) {
  if (!protocols.empty())
    SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(protocols.data()),
                        static_cast<unsigned>(protocols.size()));
  SSL_set_bio(ssl_.get(), in_, out_);
  SSL_set_connect_state(ssl_.get());
}

std::string tls_peer::output() {
  std::string bytes(BIO_ctrl_pending(out_), '\0');
  if (!bytes.empty()) BIO_read(out_, bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

void tls_peer::feed(std::string_view bytes) {
  if (!bytes.empty()) BIO_write(in_, bytes.data(), static_cast<int>(bytes.size()));
}

bool tls_peer::handshake() {
  const int outcome = SSL_do_handshake(ssl_.get());
  if (outcome != 1 && SSL_get_error(ssl_.get(), outcome) != SSL_ERROR_WANT_READ) failed_ = true;
  return outcome == 1;
}

void tls_peer::write(std::string_view bytes) {
  FACTORD_CHECK(SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) ==
                static_cast<int>(bytes.size()));
}

std::string tls_peer::read() {
  std::string all;
  std::array<char, 16384> bytes;
  for (;;) {
    const int size = SSL_read(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
    if (size <= 0) return all;
    all.append(bytes.data(), static_cast<std::size_t>(size));
  }
}

void tls_peer::end() { SSL_shutdown(ssl_.get()); }

bool tls_peer::ended() const { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }

std::string tls_peer::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

}  // namespace factord::testing

#include "server/protocol/tls/context.hpp"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstring>
#include <ctime>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "server/protocol/wire/codec_kind.hpp"
#include "storage/base/check.hpp"

namespace factord::protocol {
namespace {

// The preference of Mozilla's "intermediate" profile without its finite-field ciphers. TLS 1.3 has
// good ones only.
constexpr const char* tls12_ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* groups = "X25519:P-256:P-384";

// In the order that we prefer, each with its length before it (RFC 7301, section 3.1).
const std::string& protocols() {
  static const std::string list = [] {
    std::string made;
    for (const codec_kind& kind : codec_kinds)
      made.append(1, static_cast<char>(kind.alpn.size())).append(kind.alpn);
    return made;
  }();
  return list;
}

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// A client that names protocols and none of ours is told so; one that names none speaks HTTP/1.1.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  unsigned char* found = nullptr;
  const int outcome =
      SSL_select_next_proto(&found, size, bytes(protocols()),
                            static_cast<unsigned>(protocols().size()), offered, offered_size);
  *chosen = found;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// A server has nobody to ask for a passphrase.
int no_passphrase(char*, int, int, void*) { return 0; }

// The one place where errors of OpenSSL become ours. `need` says what the file is not.
error failed(std::string_view setting, const std::string& file, std::string_view need) {
  const unsigned long code = ERR_peek_error();
  const char* reason = ERR_reason_error_string(code);
  if (ERR_SYSTEM_ERROR(code)) reason = std::strerror(ERR_GET_REASON(code));
  ERR_clear_error();
  return {errc::bad_argument, std::string(setting) + " '" + file + "' is no " + std::string(need) +
                                  ": " + (reason == nullptr ? "unknown error" : reason)};
}

}  // namespace

tls_context::tls_context(tls_files files)
    : files_(std::move(files)), handle_(SSL_CTX_new(TLS_server_method())) {
  FACTORD_CHECK(handle_ != nullptr);
  SSL_CTX_set_options(handle_, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                   SSL_OP_PRIORITIZE_CHACHA | SSL_OP_NO_COMPRESSION);
  // An idle connection keeps no record buffers.
  SSL_CTX_set_mode(handle_, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE);
  FACTORD_CHECK(SSL_CTX_set_min_proto_version(handle_, TLS1_2_VERSION) == 1);
  FACTORD_CHECK(SSL_CTX_set_cipher_list(handle_, tls12_ciphers) == 1);
  FACTORD_CHECK(SSL_CTX_set1_groups_list(handle_, groups) == 1);
  SSL_CTX_set_alpn_select_cb(handle_, choose_protocol, nullptr);
  SSL_CTX_set_default_passwd_cb(handle_, no_passphrase);
  // Sessions are resumed from tickets, which the clients keep; the server stores none. Another
  // context has other keys: whoever must show a certificate to it cannot come with an old ticket.
  SSL_CTX_set_session_cache_mode(handle_, SSL_SESS_CACHE_OFF);
  FACTORD_CHECK(SSL_CTX_set_session_id_context(handle_, bytes("factord"), 7) == 1);
}

tls_context::~tls_context() { SSL_CTX_free(handle_); }

result<shared_tls> tls_context::load(tls_files files) {
  const std::shared_ptr<tls_context> made(new tls_context(std::move(files)));
  if (const auto read = made->read(); !read) return read.error();
  return shared_tls(made);
}

result<shared_tls> tls_context::reload(const tls_files& files) {
  for (const std::string& file : {files.certificate, files.key, files.client_ca}) {
    // One that is not there has its error from load().
    std::error_code ignored;
    const auto what = std::filesystem::status(file, ignored).type();
    using enum std::filesystem::file_type;
    if (what != regular && what != not_found && what != none && !file.empty())
      return error{errc::bad_argument, "'" + file + "' is no regular file"};
  }
  return load(files);
}

result<void> tls_context::read() {
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(handle_, files_.certificate.c_str()) != 1)
    return failed("tls-cert", files_.certificate, "usable certificate chain (PEM)");
  if (SSL_CTX_use_PrivateKey_file(handle_, files_.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(handle_) != 1)
    return failed("tls-key", files_.key,
                  "private key (PEM, without a passphrase) of that certificate");
  if (files_.client_ca.empty()) return {};
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(files_.client_ca.c_str());
  if (names == nullptr ||
      SSL_CTX_load_verify_locations(handle_, files_.client_ca.c_str(), nullptr) != 1)
    return failed("tls-client-ca", files_.client_ca, "list of certificates (PEM)");
  SSL_CTX_set_client_CA_list(handle_, names);  // owns them now
  SSL_CTX_set_verify(handle_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return {};
}

bool tls_context::is_in_date(timestamp now) const {
  const X509* const own = SSL_CTX_get0_certificate(handle_);
  auto at = static_cast<std::time_t>(to_micros(now) / 1'000'000);
  return X509_cmp_time(X509_get0_notBefore(own), &at) < 0 &&
         X509_cmp_time(X509_get0_notAfter(own), &at) > 0;
}

timestamp tls_context::ends_at() const {
  std::tm parts{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(SSL_CTX_get0_certificate(handle_)), &parts) != 1)
    return {};
  return timestamp{std::chrono::seconds{::timegm(&parts)}};
}

std::string tls_context::not_after() const {
  const std::unique_ptr<BIO, int (*)(BIO*)> out(BIO_new(BIO_s_mem()), BIO_free);
  FACTORD_CHECK(out != nullptr);
  ASN1_TIME_print(out.get(), X509_get0_notAfter(SSL_CTX_get0_certificate(handle_)));
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace factord::protocol

#pragma once

#include <memory>
#include <string>

#include "storage/base/clock.hpp"
#include "storage/base/error.hpp"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace factord::protocol {

/// Where the server's certificate is. Empty: no TLS.
struct tls_files {
  std::string certificate;  ///< PEM: ours first, then those between it and the root
  std::string key;          ///< PEM, without a passphrase
  std::string client_ca;    ///< PEM; where it is set clients must show a certificate signed by it

  [[nodiscard]] bool empty() const noexcept { return certificate.empty(); }
};

/// What all TLS connections that are made from it share: certificate, key, ciphers, the keys of
/// session tickets. TLS 1.2 and 1.3 with forward secrecy and authenticated encryption only. Does
/// not change; any thread.
class tls_context {
 public:
  /// Reads the files. errc::bad_argument, naming the setting and the file at fault.
  [[nodiscard]] static result<std::shared_ptr<const tls_context>> load(tls_files files);
  /// The same while others are served: what might keep the caller waiting, such as a pipe, is
  /// refused.
  [[nodiscard]] static result<std::shared_ptr<const tls_context>> reload(const tls_files& files);

  ~tls_context();
  tls_context(const tls_context&) = delete;
  tls_context& operator=(const tls_context&) = delete;

  [[nodiscard]] ssl_ctx_st* handle() const noexcept { return handle_; }
  [[nodiscard]] const tls_files& files() const noexcept { return files_; }
  /// When the certificate ends, for people.
  [[nodiscard]] std::string not_after() const;
  [[nodiscard]] timestamp ends_at() const;
  /// Whether its dates hold at this time of the wall clock.
  [[nodiscard]] bool is_in_date(timestamp now) const;

 private:
  explicit tls_context(tls_files files);

  [[nodiscard]] result<void> read();

  const tls_files files_;
  ssl_ctx_st* const handle_;
};

using shared_tls = std::shared_ptr<const tls_context>;

}  // namespace factord::protocol

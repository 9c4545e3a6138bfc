#pragma once

#include <openssl/ssl.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "server/protocol/tls/context.hpp"

namespace factord::testing {

/// Writes a new key and a certificate that it signs itself, for "localhost", into `directory` as
/// NAME.cert and NAME.key.
protocol::tls_files make_certificate(const std::filesystem::path& directory,
                                     const std::string& name);

/// A TLS client nobody here wrote: OpenSSL's own, over memory. Trusts anybody.
class tls_peer {
 public:
  /// `protocols`: what it offers by ALPN, each behind its length; empty: no ALPN.
  explicit tls_peer(std::string_view protocols = {});

  /// What it has to send now.
  [[nodiscard]] std::string output();
  void feed(std::string_view bytes);

  /// Goes on with the handshake; true once it is complete.
  bool handshake();
  [[nodiscard]] bool failed() const { return failed_; }
  void write(std::string_view bytes);
  /// What can be read at once.
  [[nodiscard]] std::string read();
  void end();
  /// The other side said that it has ended.
  [[nodiscard]] bool ended() const;
  [[nodiscard]] std::string protocol() const;

 private:
  struct deleter {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  std::unique_ptr<SSL_CTX, deleter> context_;
  std::unique_ptr<SSL, deleter> ssl_;
  BIO* in_;   ///< the SSL's
  BIO* out_;  ///< the SSL's
  bool failed_ = false;
};

}  // namespace factord::testing

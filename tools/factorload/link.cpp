#include "tools/factorload/link.hpp"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "storage/base/check.hpp"

namespace factord::load {
namespace {

std::string last_error() {
  const unsigned long code = ERR_peek_error();
  const char* reason = ERR_reason_error_string(code);
  ERR_clear_error();
  return reason == nullptr ? "the connection ended" : reason;
}

int size_of(std::size_t bytes) {
  return static_cast<int>(
      std::min<std::size_t>(bytes, static_cast<std::size_t>(std::numeric_limits<int>::max())));
}

// The name that the server's certificate must be for.
void expect_name(SSL* tls, const std::string& host) {
  X509_VERIFY_PARAM* wanted = SSL_get0_param(tls);
  if (X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1) return;
  FACTORD_CHECK(X509_VERIFY_PARAM_set1_host(wanted, host.c_str(), host.size()) == 1);
  FACTORD_CHECK(SSL_set_tlsext_host_name(tls, host.c_str()) == 1);
}

// While the socket still blocks.
bool shake_hands(int fd, const target& where, SSL* tls) {
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) & ~O_NONBLOCK);
  FACTORD_CHECK(SSL_set_fd(tls, fd) == 1);
  expect_name(tls, where.host);
  const bool done = SSL_connect(tls) == 1;
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  return done;
}

}  // namespace

result<tls_client> tls_client::make(std::string_view protocol, const std::string& trusted) {
  owner handle{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  FACTORD_CHECK(handle != nullptr);
  const std::string offered = static_cast<char>(protocol.size()) + std::string(protocol);
  // This one returns 0 for success.
  FACTORD_CHECK(SSL_CTX_set_alpn_protos(handle.get(),
                                        reinterpret_cast<const unsigned char*>(offered.data()),
                                        static_cast<unsigned>(offered.size())) == 0);
  SSL_CTX_set_mode(handle.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_verify(handle.get(), SSL_VERIFY_PEER, nullptr);
  const int read = trusted.empty() ? SSL_CTX_set_default_verify_paths(handle.get())
                                   : SSL_CTX_load_verify_file(handle.get(), trusted.c_str());
  if (read != 1) return error{errc::bad_argument, trusted + ": " + last_error()};
  return tls_client{std::move(handle)};
}

link::~link() { close(); }

link::link(link&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), tls_(std::exchange(other.tls_, nullptr)) {}

link& link::operator=(link&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(tls_, other.tls_);
  return *this;
}

result<link> link::connect(const target& where, const tls_client* tls) {
  const result<int> fd = connect_to(where);
  if (!fd) return fd.error();
  link made;
  made.fd_ = *fd;
  if (tls == nullptr) return made;
  made.tls_ = SSL_new(tls->handle());
  FACTORD_CHECK(made.tls_ != nullptr);
  if (!shake_hands(*fd, where, made.tls_)) {
    return error{errc::unavailable, "no TLS with " + where.authority() + ": " + last_error()};
  }
  return made;
}

link::progress link::read(std::span<char> space) noexcept {
  if (tls_ != nullptr) return outcome(SSL_read(tls_, space.data(), size_of(space.size())));
  const ssize_t got = ::recv(fd_, space.data(), space.size(), 0);
  if (got > 0) return {state::moved, static_cast<std::size_t>(got)};
  return {got < 0 && (errno == EAGAIN || errno == EINTR) ? state::blocked : state::ended};
}

link::progress link::write(std::string_view bytes) noexcept {
  if (tls_ != nullptr) return outcome(SSL_write(tls_, bytes.data(), size_of(bytes.size())));
  const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent >= 0) return {state::moved, static_cast<std::size_t>(sent)};
  return {errno == EAGAIN || errno == EINTR ? state::blocked : state::ended};
}

link::progress link::outcome(int returned) noexcept {
  if (returned > 0) return {state::moved, static_cast<std::size_t>(returned)};
  const int why = SSL_get_error(tls_, returned);
  ERR_clear_error();
  return {why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? state::blocked
                                                                    : state::ended};
}

bool link::pending() const noexcept { return tls_ != nullptr && SSL_pending(tls_) > 0; }

void link::close() noexcept {
  SSL_free(std::exchange(tls_, nullptr));
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

}  // namespace factord::load

#pragma once

#include <sys/types.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "storage/base/error.hpp"
#include "tools/factorload/target.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace factord::load {

/// What TLS connections have in common: whom they trust and which protocol they speak. Constant
/// after construction.
class tls_client {
 public:
  /// `protocol` is offered by ALPN; `trusted` a file of certificates, or empty for the system's.
  /// Fails with errc::bad_argument.
  [[nodiscard]] static result<tls_client> make(std::string_view protocol,
                                               const std::string& trusted);

  [[nodiscard]] ssl_ctx_st* handle() const noexcept { return handle_.get(); }

 private:
  using owner = std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)>;

  explicit tls_client(owner handle) : handle_(std::move(handle)) {}

  owner handle_;
};

/// A connected, non-blocking socket, plain or with TLS on it. Closes it in the end.
class link {
 public:
  enum class state {
    moved,    ///< some bytes
    blocked,  ///< none now; ask again when the socket is ready
    ended,    ///< none any more
  };
  struct progress {
    state how;
    std::size_t bytes = 0;
  };

  link() = default;
  ~link();
  link(link&& other) noexcept;
  link& operator=(link&& other) noexcept;

  /// Connects, and shakes hands where `tls` is there; returns when both are done. `tls` outlives
  /// the link. Fails with errc::unavailable.
  [[nodiscard]] static result<link> connect(const target& where, const tls_client* tls);

  [[nodiscard]] bool open() const noexcept { return fd_ >= 0; }
  [[nodiscard]] int fd() const noexcept { return fd_; }

  [[nodiscard]] progress read(std::span<char> space) noexcept;
  [[nodiscard]] progress write(std::string_view bytes) noexcept;
  /// Bytes were read from the socket that read() has not given out: it says nothing of these.
  [[nodiscard]] bool pending() const noexcept;

  void close() noexcept;

 private:
  [[nodiscard]] progress outcome(int returned) noexcept;

  int fd_ = -1;
  ssl_st* tls_ = nullptr;
};

}  // namespace factord::load

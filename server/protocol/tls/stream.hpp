#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/protocol/tls/context.hpp"
#include "server/protocol/wire/input_buffer.hpp"
#include "server/protocol/wire/request.hpp"

struct bio_st;  // OpenSSL's BIO
struct ssl_st;  // OpenSSL's SSL

namespace factord::protocol {

/// The server's side of one TLS connection without its socket: received bytes go in, plain bytes
/// come out, and the other way around. The handshake happens inside read(). One thread.
class tls_stream {
 public:
  explicit tls_stream(const tls_context& shared);
  ~tls_stream();
  tls_stream(const tls_stream&) = delete;
  tls_stream& operator=(const tls_stream&) = delete;

  // From the other side: what was received into the loan is told by commit().
  [[nodiscard]] std::span<char> lend() { return received_.lend(); }
  void commit(std::size_t bytes);

  /// True where read() may do something without more being received.
  [[nodiscard]] bool readable() const noexcept { return readable_; }
  /// Plain bytes, or 0: where a record is not complete, at the end (ended()), and where the other
  /// side breaks the protocol (broken()).
  [[nodiscard]] std::size_t read(std::span<char> space);

  /// To the other side: takes plain bytes from the front of `bytes` until is_full(); none during
  /// the handshake, and none once it is broken().
  [[nodiscard]] std::size_t write(std::string_view bytes);
  /// Bytes to send, the handshake's too. The caller takes from the front.
  [[nodiscard]] std::string& unsent() noexcept { return unsent_; }
  [[nodiscard]] bool is_full() const noexcept { return unsent_.size() >= unsent_max; }
  /// Nothing more will be written: says so to the other side.
  void end();

  [[nodiscard]] bool handshaking() const noexcept { return handshaking_; }
  /// The other side said that it sends no more.
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  /// It cannot go on: nothing is read or written any more.
  [[nodiscard]] bool broken() const noexcept { return broken_; }
  /// The version of HTTP that the handshake agreed on: once, when it has just ended.
  [[nodiscard]] std::optional<protocol::http_version> take_agreed();

  /// Memory of its buffers, and the most that OpenSSL can have put aside of a handshake.
  [[nodiscard]] std::size_t held_bytes() const noexcept {
    return received_.capacity() + unsent_.capacity() + (handshaking_ ? received_bytes_ : 0);
  }

 private:
  static constexpr std::size_t unsent_max = 64U << 10U;

  struct bio;  ///< what OpenSSL reads from and writes to: received_ and unsent_

  struct ssl_deleter {
    void operator()(ssl_st* ssl) const noexcept;
  };

  input_buffer received_;
  std::string unsent_;
  std::size_t received_bytes_ = 0;
  bool readable_ = false;
  bool handshaking_ = true;
  bool ended_ = false;
  bool broken_ = false;  ///< OpenSSL allows no call after a fatal error
  bool agreed_ = false;  ///< take_agreed() has something to tell
  std::unique_ptr<ssl_st, ssl_deleter> ssl_;
};

}  // namespace factord::protocol

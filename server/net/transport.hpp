#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "server/net/tls_context.hpp"
#include "server/net/tls_stream.hpp"

namespace factord::net {

using stream_socket = boost::asio::generic::stream_protocol::socket;

/// The byte stream of one connection, encrypted or not. All that a connection does to its socket
/// goes through here. Plain, each function is a branch and the socket's own. One thread.
class transport {
 public:
  using error_code = boost::system::error_code;

  /// A connected socket; `encryption` null: plain.
  transport(stream_socket socket, const tls_context* encryption) : socket_(std::move(socket)) {
    error_code ignored;  // a socket that cannot do it fails at its first read
    socket_.non_blocking(true, ignored);
    if (encryption != nullptr) tls_ = std::make_unique<tls_stream>(*encryption);
  }

  // Reading is two steps: wait until something was received, where nothing is left from before;
  // then turn it into plain bytes, which are in `space` (the same in both steps) afterwards.
  //
  //     if (!t.readable()) received = co_await t.async_receive(space, ...);
  //     bytes = t.open(space, received, failure);
  //
  // After shutdown_send() there is only the first: what comes is to be thrown away.

  /// True where open() may do something without async_receive().
  [[nodiscard]] bool readable() const noexcept { return opens() && tls_->readable(); }

  /// Asio's async_read_some.
  template <class Token>
  auto async_receive(std::span<char> space, Token&& token) {
    const std::span<char> to = opens() ? tls_->space() : space;
    return socket_.async_read_some(boost::asio::buffer(to.data(), to.size()),
                                   std::forward<Token>(token));
  }

  /// How many plain bytes there are; 0 with TLS where a record is not complete. Leaves a failure
  /// that is set already.
  [[nodiscard]] std::size_t open(std::span<char> space, std::size_t received, error_code& failure) {
    if (!opens()) return received;
    tls_->commit(received);
    return failure ? 0 : tls_->read(space, failure);
  }

  /// What can be sent at once: how many of `bytes` need not be offered again. error::would_block
  /// where the socket has no room for all. With TLS some of what was taken may be unsent() still;
  /// with no bytes at all that is sent.
  [[nodiscard]] std::size_t write_some(std::string_view bytes, error_code& failure) {
    if (tls_ != nullptr) return write_encrypted(bytes, failure);
    return socket_.write_some(boost::asio::buffer(bytes.data(), bytes.size()), failure);
  }

  /// True where bytes that were taken, or made by TLS itself, are not sent yet.
  [[nodiscard]] bool unsent() const noexcept { return tls_ != nullptr && !tls_->unsent().empty(); }
  /// And so many that reading, which may make more of them, should wait.
  [[nodiscard]] bool congested() const noexcept { return tls_ != nullptr && tls_->is_full(); }

  /// Calls `handler` with an error_code once write_some() may do more.
  template <class Handler>
  void async_wait_writable(Handler&& handler) {
    socket_.async_wait(stream_socket::wait_write, std::forward<Handler>(handler));
  }

  /// No more will be sent; the other side reads an end of file, and of TLS.
  void shutdown_send();

  /// Ends reads and waits with operation_aborted.
  void close() {
    error_code ignored;
    socket_.close(ignored);
  }

  /// Nothing but write_some() without bytes is of use until then.
  [[nodiscard]] bool handshaking() const noexcept { return tls_ != nullptr && tls_->handshaking(); }
  /// The version of HTTP that TLS has agreed on: once, when it has.
  [[nodiscard]] std::optional<protocol::http_version> take_agreed() {
    return tls_ == nullptr ? std::nullopt : tls_->take_agreed();
  }
  /// TLS could not go on. An alert that says why may be unsent().
  [[nodiscard]] bool broken() const noexcept { return tls_ != nullptr && tls_->broken(); }

  [[nodiscard]] std::size_t held_bytes() const noexcept {
    return tls_ == nullptr ? 0 : tls_->held_bytes();
  }

 private:
  [[nodiscard]] bool opens() const noexcept { return tls_ != nullptr && !over_; }
  [[nodiscard]] std::size_t write_encrypted(std::string_view bytes, error_code& failure);
  void flush(error_code& failure);

  stream_socket socket_;
  std::unique_ptr<tls_stream> tls_;  ///< null: plain
  bool over_ = false;                ///< shutdown_send() was called
};

}  // namespace factord::net

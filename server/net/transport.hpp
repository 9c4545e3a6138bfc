#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <cstddef>
#include <string_view>
#include <utility>

namespace factord::net {

using stream_socket = boost::asio::generic::stream_protocol::socket;

/// The byte stream of one connection. All that a connection does to its socket goes through here,
/// which is where encryption goes in. One thread.
class transport {
 public:
  using error_code = boost::system::error_code;

  /// A connected socket.
  explicit transport(stream_socket socket) : socket_(std::move(socket)) {
    error_code ignored;  // a socket that cannot do it fails at its first read
    socket_.non_blocking(true, ignored);
  }

  /// Asio's async_read_some.
  template <class Token>
  auto async_read_some(boost::asio::mutable_buffer space, Token&& token) {
    return socket_.async_read_some(space, std::forward<Token>(token));
  }

  /// What can be sent at once. error::would_block where that is nothing.
  [[nodiscard]] std::size_t write_some(std::string_view bytes, error_code& failure) {
    return socket_.write_some(boost::asio::buffer(bytes.data(), bytes.size()), failure);
  }

  /// Calls `handler` with an error_code once write_some() may do more.
  template <class Handler>
  void async_wait_writable(Handler&& handler) {
    socket_.async_wait(stream_socket::wait_write, std::forward<Handler>(handler));
  }

  /// No more will be sent; the other side reads an end of file.
  void shutdown_send() {
    error_code ignored;  // the other side may be gone already
    socket_.shutdown(stream_socket::shutdown_send, ignored);
  }

  /// Ends reads and waits with operation_aborted.
  void close() {
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  stream_socket socket_;
};

}  // namespace factord::net

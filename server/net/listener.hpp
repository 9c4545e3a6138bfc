#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <memory>
#include <vector>

#include "server/base/repeated_line.hpp"
#include "server/net/executor.hpp"
#include "server/net/shard.hpp"
#include "server/net/sockets.hpp"
#include "server/protocol/session.hpp"
#include "server/protocol/tls/context.hpp"

namespace factord::net {

/// Accepts on one listening socket, on shard 0's thread, and deals the connections to all shards in
/// turn. On the admin surface only our own user and root get in.
class listener {
 public:
  listener(listening_socket socket, protocol::surface routes, std::chrono::milliseconds backoff,
           const std::vector<std::unique_ptr<shard>>& shards);
  /// Closes.
  ~listener();
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;

  /// Accepts until close(). The object must outlive it.
  awaitable<void> run();

  /// Connections accepted from now on use it; on a Unix socket, and where the address says plain,
  /// it has no effect. Shard 0's thread.
  void encrypt(protocol::shared_tls with);

  /// Shard 0's thread.
  void close();

  [[nodiscard]] bool is_open() const noexcept { return acceptor_.is_open(); }
  [[nodiscard]] const listen_address& address() const noexcept { return address_; }
  [[nodiscard]] protocol::surface routes() const noexcept { return routes_; }

 private:
  using acceptor =
      boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol, executor>;

  void take(stream_socket peer);
  void take_more();
  [[nodiscard]] bool may_enter(stream_socket& peer);
  [[nodiscard]] shard& next() const { return *shards_[next_shard_]; }

  const listen_address address_;
  socket_file file_;
  const protocol::surface routes_;
  const std::chrono::milliseconds backoff_;
  const std::vector<std::unique_ptr<shard>>& shards_;
  protocol::shared_tls encryption_;  ///< null: plain
  acceptor acceptor_;
  steady_timer backoff_timer_;
  std::size_t next_shard_ = 0;
  repeated_line lost_;       ///< connections that could not be accepted
  repeated_line not_taken_;  ///< and those that there was no memory for
  repeated_line strangers_;  ///< on the admin socket
};

}  // namespace factord::net

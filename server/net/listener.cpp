#include "server/net/listener.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <exception>
#include <tuple>
#include <utility>

#include "server/base/log.hpp"

namespace factord::net {
namespace {

namespace asio = boost::asio;

int family_of(const listen_address& address) {
  if (address.is_unix()) return AF_UNIX;
  return address.ip.is_v6() ? AF_INET6 : AF_INET;
}

}  // namespace

listener::listener(listening_socket socket, protocol::surface routes,
                   std::chrono::milliseconds backoff,
                   const std::vector<std::unique_ptr<shard>>& shards)
    : address_(socket.address),
      file_(std::move(socket.file)),
      routes_(routes),
      backoff_(backoff),
      shards_(shards),
      acceptor_(shards.front()->context()),
      backoff_timer_(shards.front()->context()) {
  acceptor_.assign(asio::generic::stream_protocol(family_of(address_), 0), socket.fd.get());
  (void)socket.fd.release();
}

listener::~listener() {
  if (acceptor_.is_open()) close();
}

awaitable<void> listener::run() {
  while (acceptor_.is_open()) {
    shard& target = *shards_[next_shard_];
    std::tuple<boost::system::error_code, stream_socket> accepted = co_await acceptor_.async_accept(
        target.context().get_executor(), asio::as_tuple(asio::deferred));
    const boost::system::error_code failure = std::get<0>(accepted);
    if (failure == asio::error::operation_aborted) co_return;
    if (failure && failure != asio::error::connection_aborted) {
      // EMFILE, ENFILE, ENOBUFS, ENOMEM: they pass once something is freed; trying again at once
      // would only spin.
      log::warn("cannot accept", {{"listener", to_text(address_)}, {"cause", failure.message()}});
      backoff_timer_.expires_after(backoff_);
      std::tuple<boost::system::error_code> waited =
          co_await backoff_timer_.async_wait(asio::as_tuple(asio::deferred));
      (void)waited;
    }
    if (failure) continue;  // that client is gone already
    stream_socket peer = std::move(std::get<1>(accepted));
    if (!may_enter(peer)) continue;
    try {
      target.adopt(std::move(peer), routes_, encryption_);
    } catch (const std::exception& cause) {  // out of memory: this one is lost, not the listener
      log::warn("cannot take a connection", {{"cause", cause.what()}});
    }
    next_shard_ = (next_shard_ + 1) % shards_.size();
  }
}

bool listener::may_enter(stream_socket& peer) const {
  if (!address_.is_unix()) {
    boost::system::error_code ignored;  // only speed depends on it
    peer.set_option(asio::ip::tcp::no_delay(true), ignored);
  }
  if (routes_ != protocol::surface::admin) return true;
  const long user = peer_user(peer.native_handle());
  if (user == 0 || user == static_cast<long>(::geteuid())) return true;
  log::warn("refused on the admin socket", {{"uid", user}});
  return false;
}

void listener::encrypt(protocol::shared_tls with) {
  if (!address_.is_unix() && !address_.plain) encryption_ = std::move(with);
}

void listener::close() {
  // First, as it says there. (The admin socket's is in DIR, found and removed at the next start.)
  file_.remove();
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  backoff_timer_.cancel();
}

}  // namespace factord::net

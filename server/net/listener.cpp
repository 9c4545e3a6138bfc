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
using boost::system::error_code;

constexpr std::size_t accepted_at_once = 64;

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
  acceptor_.non_blocking(true);
}

listener::~listener() {
  if (acceptor_.is_open()) close();
}

awaitable<void> listener::run() {
  while (acceptor_.is_open()) {
    std::tuple<error_code, stream_socket> accepted = co_await acceptor_.async_accept(
        next().context().get_executor(), asio::as_tuple(asio::deferred));
    const error_code failure = std::get<0>(accepted);
    if (failure == asio::error::operation_aborted) co_return;
    if (!failure) {
      take(std::move(std::get<1>(accepted)));
      take_more();
    } else if (failure != asio::error::connection_aborted) {
      // EMFILE, ENFILE, ENOBUFS, ENOMEM: they pass once something is freed; trying again at once
      // would only spin.
      if (const auto times = lost_.due(std::chrono::steady_clock::now()); times > 0)
        log::warn(
            "cannot accept",
            {{"listener", to_text(address_)}, {"cause", failure.message()}, {"times", times}});
      backoff_timer_.expires_after(backoff_);
      std::tuple<error_code> waited =
          co_await backoff_timer_.async_wait(asio::as_tuple(asio::deferred));
      (void)waited;
    }
  }
}

// Those that wait already. Each would be as late as all that is ready on this thread takes, and one
// behind the other. What fails, fails the next async_accept().
void listener::take_more() {
  for (std::size_t taken = 1; taken < accepted_at_once && acceptor_.is_open(); ++taken) {
    error_code failure;
    stream_socket peer = acceptor_.accept(next().context().get_executor(), failure);
    if (failure) return;
    take(std::move(peer));
  }
}

void listener::take(stream_socket peer) {
  if (!may_enter(peer)) return;
  try {
    next().adopt(std::move(peer), routes_, encryption_);
  } catch (const std::exception& cause) {  // out of memory: this one is lost, not the listener
    if (const auto times = not_taken_.due(std::chrono::steady_clock::now()); times > 0)
      log::warn("cannot take a connection", {{"cause", cause.what()}, {"times", times}});
  }
  next_shard_ = (next_shard_ + 1) % shards_.size();
}

bool listener::may_enter(stream_socket& peer) {
  if (!address_.is_unix()) {
    boost::system::error_code ignored;  // only speed depends on it
    peer.set_option(asio::ip::tcp::no_delay(true), ignored);
  }
  if (routes_ != protocol::surface::admin) return true;
  const long user = peer_user(peer.native_handle());
  if (user == 0 || user == static_cast<long>(::geteuid())) return true;
  if (const auto times = strangers_.due(std::chrono::steady_clock::now()); times > 0)
    log::warn("refused on the admin socket", {{"uid", user}, {"times", times}});
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

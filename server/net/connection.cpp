#include "server/net/connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <tuple>
#include <utility>

#include "server/net/shard.hpp"
#include "server/protocol/run_steps.hpp"

namespace factord::net {

namespace asio = boost::asio;
using boost::system::error_code;
using protocol::connection_machine;

namespace {

protocol::host_rule host_rule_of(const stream_socket& socket) {
  error_code failure;
  const bool local = socket.local_endpoint(failure).protocol().family() == AF_UNIX;
  return local ? protocol::host_rule::anything : protocol::host_rule::checked;
}

/// What a wait for room to write calls. It names its connection, which may be gone by then.
struct writable_handler {
  shard& home;
  service::ticket name;
  void operator()(const boost::system::error_code& failure) const {
    connection* found = failure ? nullptr : home.find(name);
    if (found != nullptr) found->on_writable();
  }
};

/// The same of one that lets others have their turn.
struct resumed_handler {
  shard& home;
  service::ticket name;
  void operator()() const {
    connection* const found = home.find(name);
    if (found != nullptr) found->on_resumed();
  }
};

}  // namespace

/// A socket that does not wait: what cannot be sent at once is waited for.
class connection::socket_of {
 public:
  explicit socket_of(connection& owner) : owner_(owner) {}

  // Most answers fit into the socket's buffer: try first, wait only for the rest.
  void write(std::string_view bytes) {
    using enum connection_machine::write_end;
    error_code failure;
    const std::size_t sent =
        owner_.socket_.write_some(asio::buffer(bytes.data(), bytes.size()), failure);
    if (failure == asio::error::would_block) {
      owner_.socket_.async_wait(stream_socket::wait_write,
                                writable_handler{owner_.home_, owner_.name_});
      return owner_.machine_.wrote(sent, full);
    }
    owner_.machine_.wrote(sent, failure ? failed : done);
  }
  void shut_down() {
    error_code ignored;  // the other side may be gone already
    owner_.socket_.shutdown(stream_socket::shutdown_send, ignored);
  }
  void close() {
    error_code ignored;
    owner_.socket_.close(ignored);
  }
  void relieve() { owner_.home_.close_fullest(); }
  void yield() { asio::post(owner_.home_.context(), resumed_handler{owner_.home_, owner_.name_}); }

 private:
  connection& owner_;
};

connection::connection(shard& home, stream_socket socket, const protocol::tls_context* encryption,
                       protocol::surface routes, service::ticket name)
    : home_(home),
      name_(name),
      routes_(routes),
      socket_(std::move(socket)),
      wake_(home.context(), clock::time_point::max()),
      machine_(home.environment(routes), home.buffers(routes), encryption, routes, name,
               clock::now(), host_rule_of(socket_)) {
  error_code ignored;  // a socket that cannot do it fails at its first read
  socket_.non_blocking(true, ignored);
}

awaitable<void> connection::run() {
  while (!machine_.closed()) {
    if (!machine_.wants_read()) {
      std::tuple<error_code> woken = co_await wake_.async_wait(asio::as_tuple(asio::deferred));
      (void)woken;
      continue;
    }
    const std::span<char> space = machine_.lend();
    std::tuple<error_code, std::size_t> got = co_await socket_.async_read_some(
        asio::buffer(space.data(), space.size()), asio::as_tuple(asio::deferred));
    if (!std::get<0>(got)) {
      machine_.received(std::get<1>(got), clock::now());
    } else if (std::get<0>(got) == asio::error::eof) {
      machine_.input_ended(clock::now());
    } else {
      machine_.input_failed();
    }
    act();
  }
}

// Does what the machine wants, then lets run() read where it waits for that.
void connection::act() {
  socket_of mine(*this);
  protocol::run_steps(machine_, mine);
  if (machine_.wants_read() || machine_.closed()) wake_.cancel();
}

void connection::answered() {
  machine_.answered(clock::now());
  act();
}

void connection::on_writable() {
  machine_.writable(clock::now());
  act();
}

void connection::on_resumed() {
  machine_.resumed(clock::now());
  act();
}

void connection::sweep(clock::time_point now) {
  machine_.sweep(now);
  act();
}

void connection::drain() {
  machine_.drain(clock::now());
  act();
}

void connection::close() {
  machine_.close();
  act();
}

}  // namespace factord::net

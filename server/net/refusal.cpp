#include "server/net/refusal.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/deferred.hpp>
#include <memory>
#include <tuple>

#include "server/protocol/http1/format.hpp"
#include "server/protocol/wire/json_error.hpp"

namespace factord::net {
namespace {

namespace asio = boost::asio;

std::string overload_answer(std::string_view date) {
  protocol::response answer;
  constexpr protocol::refusal why{503, 14, "too many connections"};
  answer.status = why.status;
  answer.ask_to_retry();
  answer.body = protocol::to_json(why);
  std::string out;
  protocol::http1::append_answer(out, answer, {.close = true}, date);
  return out;
}

}  // namespace

awaitable<void> refuse_connection(stream_socket socket, std::string date,
                                  std::chrono::milliseconds patience) {
  steady_timer deadline(socket.get_executor(), patience);
  // Shared, because the timer's handler may run after this coroutine is gone.
  const auto peer = std::make_shared<stream_socket>(std::move(socket));
  boost::system::error_code failure;
  boost::system::error_code ignored;
  peer->non_blocking(true, ignored);
  // A new socket has room for it; one that has not is not worth a wait.
  (void)peer->write_some(asio::buffer(overload_answer(date)), failure);
  peer->shutdown(stream_socket::shutdown_send, ignored);
  deadline.async_wait([peer](const boost::system::error_code& cancelled) {
    boost::system::error_code closed_already;
    if (!cancelled) peer->close(closed_already);
  });
  std::array<char, 512> thrown_away;
  while (!failure) {
    std::tuple<boost::system::error_code, std::size_t> got =
        co_await peer->async_read_some(asio::buffer(thrown_away), asio::as_tuple(asio::deferred));
    failure = std::get<0>(got);
  }
}

}  // namespace factord::net

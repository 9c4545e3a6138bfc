#include "server/net/transport.hpp"

namespace factord::net {
namespace {

// Memory above this is given back once it is sent.
constexpr std::size_t kept_unsent = 4U << 10U;

}  // namespace

std::size_t transport::write_encrypted(std::string_view bytes, error_code& failure) {
  std::size_t taken = 0;
  std::size_t step = 0;
  do {
    step = tls_->write(bytes.substr(taken), failure);
    taken += step;
    if (!failure) flush(failure);
  } while (!failure && step > 0 && taken < bytes.size());
  return taken;
}

// Sends all of it, or says why not.
void transport::flush(error_code& failure) {
  std::string& out = tls_->unsent();
  std::size_t sent = 0;
  while (sent < out.size() && !failure)
    sent += socket_.write_some(boost::asio::buffer(out.data() + sent, out.size() - sent), failure);
  out.erase(0, sent);
  if (out.empty() && out.capacity() > kept_unsent) out = std::string();
}

void transport::shutdown_send() {
  over_ = true;
  error_code ignored;  // the other side may be gone already
  if (tls_ != nullptr) {
    tls_->end();
    flush(ignored);
  }
  socket_.shutdown(stream_socket::shutdown_send, ignored);
}

}  // namespace factord::net

#include "storage/postgres/connection_io.hpp"

#include <thread>

namespace factord::storage {

result<void> connection_io::connect(time by) {
  auto made = make_(by);
  if (!made) return made.error();
  connection_ = *std::move(made);
  return {};
}

bool connection_io::has_ended() { return connection_ != nullptr && connection_->has_ended(); }

void connection_io::pause(time until) { std::this_thread::sleep_until(until); }

std::optional<session_io::peer> connection_io::connected_to() const {
  if (connection_ == nullptr) return std::nullopt;
  return peer{connection_->server().tag, connection_->server_process()};
}

}  // namespace factord::storage

#include "storage/postgres/connection_io.hpp"

#include <thread>

#include "storage/postgres/touch.hpp"

namespace factord::storage {

result<void> connection_io::connect(time by) {
  auto made = make_(by);
  if (!made) return made.error();
  connection_ = *std::move(made);
  return {};
}

bool connection_io::has_ended() { return connection_ != nullptr && connection_->has_ended(); }

void connection_io::pause(time until) { std::this_thread::sleep_until(until); }

void connection_io::acknowledged(time sent) {
  if (connection_ != nullptr) watch_.acknowledged(connection_->server().tag, sent);
}

result<void> connection_io::confirm(time by) {
  if (connection_ == nullptr) {
    return error{errc::unavailable, "the connection to the database was lost"};
  }
  return make_sure(*connection_, watch_, rules_, by);
}

}  // namespace factord::storage

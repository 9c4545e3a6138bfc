#include "tests/simulation/client_socket.hpp"

namespace factord::simulation {

bool client_socket::connect() {
  home_ = random_.below(servers_.size());
  simulated_server* const server = servers_[home_].get();
  if (server == nullptr) return false;
  from_server_ = std::make_shared<pipe>(time_, random_, arrive_);
  name_ = server->accept(routes_, from_server_);
  to_server_ = std::make_shared<pipe>(time_, random_,
                                      [this, name = name_, home = home_](std::string_view piece) {
                                        if (servers_[home] != nullptr)
                                          servers_[home]->receive(name, piece);
                                      });
  return true;
}

void client_socket::close() {
  if (servers_[home_] != nullptr) servers_[home_]->disconnect(name_);
  to_server_.reset();
  from_server_->close();
  from_server_.reset();
}

bool client_socket::server_died(std::size_t which) {
  if (!open() || which != home_) return false;
  const auto last_words = from_server_;
  last_words->deliver_all();
  return open();
}

}  // namespace factord::simulation

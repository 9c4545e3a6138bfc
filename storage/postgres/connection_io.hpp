#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "storage/postgres/connection.hpp"
#include "storage/postgres/session_io.hpp"

namespace factord::storage {

/// A session over libpq's connections.
class connection_io final : public session_io {
 public:
  using maker = std::function<result<std::unique_ptr<postgres_connection>>(time by)>;

  explicit connection_io(maker make) : make_(std::move(make)) {}

  [[nodiscard]] time now() override { return std::chrono::steady_clock::now(); }
  [[nodiscard]] result<void> connect(time by) override;
  [[nodiscard]] bool has_ended() override;
  void send(std::span<const sql_request> requests) override { connection_->send(requests); }
  [[nodiscard]] exchange_event receive(time by) override { return connection_->receive(by); }
  void pause(time until) override;
  void close() override { connection_.reset(); }
  [[nodiscard]] std::optional<peer> connected_to() const override;

 private:
  const maker make_;
  std::unique_ptr<postgres_connection> connection_;
};

}  // namespace factord::storage

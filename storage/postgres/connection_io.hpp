#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "storage/postgres/connection.hpp"
#include "storage/postgres/primary_watch.hpp"
#include "storage/postgres/session_io.hpp"
#include "storage/postgres/session_rules.hpp"

namespace factord::storage {

/// A session over libpq's connections.
class connection_io final : public session_io {
 public:
  using maker = std::function<result<std::unique_ptr<postgres_connection>>(time by)>;

  /// The watch outlives it.
  connection_io(const session_rules& rules, primary_watch& watch, maker make)
      : rules_(rules), watch_(watch), make_(std::move(make)) {}

  [[nodiscard]] time now() override { return std::chrono::steady_clock::now(); }
  [[nodiscard]] result<void> connect(time by) override;
  [[nodiscard]] bool has_ended() override;
  void send(std::span<const sql_request> requests) override { connection_->send(requests); }
  [[nodiscard]] exchange_event receive(time by) override { return connection_->receive(by); }
  void pause(time until) override;
  void close() override { connection_.reset(); }
  void acknowledged(time sent) override;
  void see_standbys(unsigned demanded) override { watch_.see_standbys(demanded); }
  [[nodiscard]] result<void> confirm(time by) override;

 private:
  const session_rules rules_;
  primary_watch& watch_;
  const maker make_;
  std::unique_ptr<postgres_connection> connection_;
};

}  // namespace factord::storage

#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/postgres/session_io.hpp"
#include "tests/simulation/database_hosts.hpp"
#include "tests/simulation/database_session.hpp"
#include "tests/simulation/simulated_thread.hpp"

namespace factord::simulation {

/// The connection of a session to simulated databases. Waits on a thread of the server's.
class database_io final : public storage::session_io {
 public:
  database_io(database_hosts& to, simulated_thread& thread, storage::primary_watch& watch,
              std::shared_ptr<const storage::head_latch::point> seen);
  /// The process has ended: its machine says so, or somebody notices later.
  ~database_io() override;

  time now() override { return time{thread_.now()}; }
  result<void> connect(time by) override;
  bool has_ended() override;
  void send(std::span<const storage::sql_request> requests) override;
  storage::exchange_event receive(time by) override;
  void pause(time until) override { thread_.wait(moment_of(until)); }
  void close() override;
  std::optional<peer> connected_to() const override;

  /// The network drops it: one side hears of that, or both, or none.
  void cut();
  /// Whether what serves this connection has a transaction open.
  [[nodiscard]] bool in_transaction() const;

 private:
  /// The database's answers are the rows of one event at a time.
  class current_rows final : public storage::sql_rows {
   public:
    std::vector<row> rows;
    std::size_t size() const noexcept override { return rows.size(); }
    std::optional<std::string_view> cell(std::size_t at, std::size_t column) const override {
      return rows.at(at).at(column);
    }
  };
  struct connection {
    std::shared_ptr<message_line<database_order>> up;
    std::shared_ptr<message_line<database_answer>> down;
    std::weak_ptr<database_session> session;
    peer to;
    std::deque<database_answer> arrived;
  };

  [[nodiscard]] static moment moment_of(time at) {
    return std::chrono::duration_cast<moment>(at.time_since_epoch());
  }
  [[nodiscard]] moment delay() const;
  using handle = std::shared_ptr<connection>;
  void hang_up(handle& of, moment delay) const;
  [[nodiscard]] result<handle> connect_to(std::size_t host, time by);
  [[nodiscard]] handle make_connection(database& to);

  database_hosts& to_;
  const run_options& run_;
  scheduler& events_;
  random_bits& random_;
  simulated_thread& thread_;
  storage::primary_watch& watch_;
  const std::size_t first_;  ///< of the hosts, as its location has them
  const std::shared_ptr<const storage::head_latch::point> seen_;
  handle link_;           ///< null: none
  database_answer last_;  ///< that receive() gave
  current_rows rows_;     ///< the same
};

}  // namespace factord::simulation

#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/postgres/session_io.hpp"
#include "tests/simulation/commit_thread.hpp"
#include "tests/simulation/database_session.hpp"

namespace factord::simulation {

/// The connection of a server's writer to a simulated database. Waits on the server's thread.
class database_io final : public storage::session_io {
 public:
  database_io(database& to, commit_thread& thread,
              std::shared_ptr<const storage::head_latch::point> seen)
      : to_(to), thread_(thread), seen_(std::move(seen)) {}
  /// The process has ended: its machine says so, or somebody notices later.
  ~database_io() override;

  time now() override { return time{thread_.now()}; }
  result<void> connect(time by) override;
  bool has_ended() override;
  void send(std::span<const storage::sql_request> requests) override;
  storage::exchange_event receive(time by) override;
  void pause(time until) override { thread_.wait(moment_of(until)); }
  void close() override;
  // Of this database there is one primary at any time, and who is connected is connected to it.
  void acknowledged(time) override {}
  void see_standbys(unsigned) override {}
  result<void> confirm(time by) override;

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
    std::deque<database_answer> arrived;
  };

  [[nodiscard]] static moment moment_of(time at) {
    return std::chrono::duration_cast<moment>(at.time_since_epoch());
  }
  [[nodiscard]] moment delay() const;
  void hang_up(moment delay);
  void make_connection();

  database& to_;
  commit_thread& thread_;
  const std::shared_ptr<const storage::head_latch::point> seen_;
  std::shared_ptr<connection> link_;  ///< null: none
  database_answer last_;              ///< that receive() gave
  current_rows rows_;                 ///< the same
};

}  // namespace factord::simulation

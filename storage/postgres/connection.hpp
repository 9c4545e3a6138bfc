#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/error.hpp"
#include "storage/postgres/exchange.hpp"
#include "storage/postgres/location.hpp"
#include "storage/postgres/primary_watch.hpp"
#include "storage/postgres/session_rules.hpp"

struct pg_conn;
struct pg_result;

namespace factord::storage {

/// Rows as libpq has them; owns them.
class result_rows final : public sql_rows {
 public:
  explicit result_rows(pg_result* given) noexcept;
  [[nodiscard]] std::size_t size() const noexcept override;
  [[nodiscard]] std::optional<std::string_view> cell(std::size_t row,
                                                     std::size_t column) const override;
  [[nodiscard]] pg_result* get() const noexcept { return result_.get(); }

 private:
  struct clear {
    void operator()(pg_result* of) const noexcept;
  };
  std::unique_ptr<pg_result, clear> result_;
};

/// A connection to a database: exchanges (exchange.hpp) over libpq in pipeline mode, without
/// blocking but for the waits that it is asked for. One thread at a time.
class postgres_connection {
 public:
  using time = std::chrono::steady_clock::time_point;

  /// To this one host. errc::unavailable, with the reason as libpq has it, where it refuses, or has
  /// not let us in by then.
  [[nodiscard]] static result<std::unique_ptr<postgres_connection>> open(
      const postgres_location::parameters& host, const session_rules& rules, time by);
  ~postgres_connection();
  postgres_connection(const postgres_connection&) = delete;
  postgres_connection& operator=(const postgres_connection&) = delete;

  /// Hands an exchange over to be sent; does not wait.
  void send(std::span<const sql_request> requests);
  /// The same, of these texts, as they are.
  void send_texts(std::span<const char* const> texts);
  /// The same, to have these statements prepared: from then on they are sent by their names.
  void send_preparations(std::span<const sql> which);

  using event = exchange_event;
  /// What comes next of what was sent, by then. After `lost` and `late` nothing more is asked of
  /// this connection but its end.
  [[nodiscard]] event receive(time by);

  /// Whether the other side has ended it, while nothing is under way; does not wait.
  [[nodiscard]] bool has_ended();

  void set_server(const server_identity& server) noexcept { server_ = server; }
  [[nodiscard]] const server_identity& server() const noexcept { return server_; }

  /// The process that serves it, as the protocol has told: 0 where it has not.
  [[nodiscard]] int server_process() const noexcept;

 private:
  explicit postgres_connection(pg_conn* made);
  [[nodiscard]] result<void> begin(time by);
  void send_one(const sql_request& request);
  void send_end();
  void sent(int worked) noexcept { broken_ = broken_ || worked != 1; }
  [[nodiscard]] event lost();
  [[nodiscard]] event take_result();
  [[nodiscard]] bool wait(bool to_write, time by);
  static void note_warning(void* self, const pg_result* notice);

  struct finish {
    void operator()(pg_conn* of) const noexcept;
  };
  std::unique_ptr<pg_conn, finish> connection_;
  std::vector<bool> prepared_;  ///< by statement
  server_identity server_;
  bool broken_ = false;  ///< something could not be handed over, or the server is leaving
  std::deque<std::string> warnings_;
  std::string text_;           ///< of the last event
  result_rows rows_{nullptr};  ///< the same
};

}  // namespace factord::storage

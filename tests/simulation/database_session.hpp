#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "tests/simulation/database.hpp"
#include "tests/simulation/database_messages.hpp"

namespace factord::simulation {

/// What serves one connection to a database: does the statements that come, one after the other,
/// and says what became of them.
class database_session : public std::enable_shared_from_this<database_session> {
 public:
  using line = message_line<database_answer>;

  /// `seen`: the newest event that the process at the other end has seen, for check_seen().
  database_session(database& of, std::shared_ptr<line> to_client,
                   std::shared_ptr<const storage::head_latch::point> seen);

  void receive(database_order order);

  // For the database.

  /// The head is locked for it.
  void go_on();
  /// What it wrote is seen. `cancelled`: though it waited for the standby in vain.
  void committed(bool cancelled);
  [[nodiscard]] bool in_transaction() const noexcept { return open_; }
  [[nodiscard]] int process() const noexcept { return process_; }
  /// The server that it is of, as it was at its beginning.
  [[nodiscard]] const storage::server_tag& server() const noexcept { return server_; }
  /// Its COMMIT changes nothing.
  [[nodiscard]] bool touches() const noexcept { return touches_; }
  /// It is no more, and neither is its transaction.
  void end(std::string_view why);
  /// That no process writes to a log that lacks what it has seen.
  void check_seen(const database_tables& log) const;

 private:
  using request = database_order::request;
  using kind = database_answer::kind;
  using outcome = database_answer::outcome;
  enum class waits_for : std::uint8_t { nothing, its_turn, head, standby };

  // database_session.cpp: exchanges and transactions.
  void advance();
  [[nodiscard]] bool begin_next();
  void end_exchange();
  void do_request();
  void begin_transaction(storage::sql how);
  void commit();
  void wait_for_standby();
  void end_transaction();
  void later(moment delay, waits_for expected, void (database_session::*run)());
  void give_up_lock();
  void give_up_idling();
  void done(std::string tag, std::optional<std::vector<row>> rows = {});
  void fail(std::string_view code);
  void say(database_answer answer);
  [[nodiscard]] moment delay() const;

  // database_statements.cpp: those that read or write a table.
  /// Of a statement that protects something.
  [[nodiscard]] static bool says(storage::sql which, std::string_view words);
  [[nodiscard]] static std::string bytes_of(std::uint64_t number);
  [[nodiscard]] static std::uint64_t number_in(const std::string& parameter);
  void do_statement(const request& one);
  void head_row();
  void read_states(const request& one);
  void add_last_events(const request& one, std::vector<row>& rows);
  void read_of_event(const request& one);
  void move_head(const request& one);
  void raise_epoch();
  void change_states(const request& one);
  void append_events(const request& one);
  void touch();

  // database_reads.cpp: those of readers.
  [[nodiscard]] bool reads(const request& one);
  void tell_events(const storage::events_answer& found);
  void read_states_in_range(const request& one);
  void read_user_keys(const request& one);
  [[nodiscard]] const database_tables& view() const;

  database& of_;
  const int process_;
  const storage::server_tag server_;
  const std::shared_ptr<line> to_client_;
  const std::shared_ptr<const storage::head_latch::point> seen_;
  std::deque<database_order> orders_;
  std::size_t at_ = 0;  ///< in the first
  bool skipping_ = false;
  bool stepped_aside_ = false;  ///< before the request at hand
  bool open_ = false;           ///< a transaction is
  bool failed_ = false;         ///< and nothing but its end is possible
  bool vague_ = false;          ///< its COMMIT will not say how it ended
  bool touches_ = false;
  bool reading_ = false;       ///< the transaction at hand is a reader's
  bool one_snapshot_ = false;  ///< all of the transaction at hand reads the same
  std::shared_ptr<const database_tables> snapshot_;  ///< that, once it has been read
  row_changes changes_;
  waits_for waiting_ = waits_for::nothing;
  std::uint64_t step_ = 0;
  bool over_ = false;
};

}  // namespace factord::simulation

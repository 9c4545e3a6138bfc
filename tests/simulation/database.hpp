#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "storage/base/clock.hpp"
#include "storage/postgres/primary_watch.hpp"
#include "tests/simulation/database_tables.hpp"
#include "tests/simulation/options.hpp"
#include "tests/simulation/random.hpp"
#include "tests/simulation/scheduler.hpp"

namespace factord::simulation {

class database_session;

/// A PostgreSQL database with a synchronous standby, as far as our statements see it: one row that
/// is locked in turn, transactions, a write-ahead log that reaches the standby before anybody sees
/// what it says, and all that goes wrong with these. Its sessions do the statements.
class database {
 public:
  struct surroundings {
    scheduler& time;
    random_bits& random;
    const run_options& run;
    std::function<void(const std::string& what)> tell;
    std::function<void()> changed;            ///< what everybody sees is newer
    std::function<void(bool answered)> lost;  ///< or older; `answered`: and that may be missed
    bool& has_lost_events;                    ///< that somebody may have seen
  };

  database(surroundings around, database_tables content, std::uint32_t timeline);

  [[nodiscard]] const surroundings& around() const noexcept { return around_; }
  [[nodiscard]] const storage::session_rules& rules() const noexcept {
    return around_.run.of_database.rules;
  }
  [[nodiscard]] bool up() const { return around_.time.now() >= down_until_; }
  /// What everybody sees.
  [[nodiscard]] const database_tables& tables() const noexcept { return *tables_; }
  /// The same, and it stays as it is now.
  [[nodiscard]] std::shared_ptr<const database_tables> snapshot() const noexcept { return tables_; }
  [[nodiscard]] timestamp clock() const;
  [[nodiscard]] const storage::server_tag& tag() const noexcept { return tag_; }

  // For sessions. They are kept until they leave.

  void join(std::shared_ptr<database_session> session);
  void leave(database_session& session);
  /// For the UPDATEs and SELECT … FOR UPDATEs of the head's row. False: in its turn go_on() is
  /// called.
  [[nodiscard]] bool lock_head(database_session& by);
  /// Also where it only waits for it.
  void free_head(database_session& by);
  /// It is in the log now; committed() is called once it is on the standby as well, and seen.
  void write(row_changes changes, database_session& by);
  [[nodiscard]] int next_process() noexcept { return ++processes_; }
  /// Ends the wait of that one, if it is for a touch.
  void cancel_touch(std::uint64_t process);

  // Troubles.

  /// A crash, and what is in the log is there again.
  void restart();
  /// The standby is the database now, and has another one. What it had not heard of is lost.
  void fail_over();
  /// It and its standby do not hear of each other any more: no write is confirmed.
  void cut_off();
  [[nodiscard]] bool is_cut_off() const noexcept { return cut_off_; }
  /// Its standby as a database, beside which it lives on, and does not know of it.
  [[nodiscard]] std::unique_ptr<database> promote_standby();
  /// It is no more.
  void die();
  /// Of the standby, for put_back().
  void make_backup() { backup_ = standby_; }
  void put_back();
  void lose_standby(moment time);
  /// Somebody cancels what waits for the standby.
  void cancel_wait();
  /// Somebody ends a session.
  void end_a_session();

 private:
  struct record {
    row_changes changes;
    std::shared_ptr<database_session> waits;  ///< nobody: it is seen already
  };

  void end_all_sessions();
  void begin_timeline(std::uint32_t number);
  void note_loss(const database_tables& left);
  void show(record& of);
  void end_wait(record& of);
  void replay();
  void replay_first();

  const surroundings around_;
  std::shared_ptr<database_tables> tables_;
  database_tables standby_;
  std::optional<database_tables> backup_;
  std::deque<record> log_;  ///< what the standby has not heard of
  storage::server_tag tag_;
  bool cut_off_ = false;
  bool superseded_ = false;  ///< its standby is a database of its own
  int processes_ = 0;
  bool replaying_ = false;
  moment standby_back_{0};
  moment down_until_{0};
  std::chrono::microseconds clock_offset_{0};
  std::vector<std::shared_ptr<database_session>> sessions_;
  std::deque<database_session*> lock_;  ///< who holds the head, and who waits for it
};

}  // namespace factord::simulation

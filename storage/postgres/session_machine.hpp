#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/engine/engine.hpp"
#include "storage/postgres/commit_requests.hpp"
#include "storage/postgres/exchange.hpp"
#include "storage/postgres/exchange_outcome.hpp"
#include "storage/postgres/head_latch.hpp"
#include "storage/postgres/session_rules.hpp"

namespace factord::storage {

/// The writer's side of a database, without its connection: loads, commits, finds out how a commit
/// ended whose connection was lost, and refuses a database that has lost events. Orders go in, one
/// at a time; then `next()` says what to do, and what came of it goes in, until it says `done` and
/// the outcome is there. No I/O, no clock, no randomness. One thread.
///
/// A writer that was alone for a while loads without a lock, and its commit is guarded by the head
/// alone; after a conflict its next loads lock the head, so that writers take turns.
class session_machine {
 public:
  using time = std::chrono::steady_clock::time_point;

  /// What whoever moves its bytes is to do.
  enum class step {
    done,     ///< nothing: the order has its outcome
    connect,  ///< on_connected() or on_refused(), by until()
    send,     ///< requests(), and then the end of the exchange, without waiting
    receive,  ///< one thing: on_warning(), on_reply(), on_end(), on_lost(); at until() on_time()
    pause,    ///< on_time() at until()
    close,    ///< the connection, whatever is under way on it; no answer is expected
  };

  /// The latch outlives it.
  session_machine(const session_rules& rules, head_latch& latch) : rules_(rules), latch_(latch) {}

  /// As engine::load. The table stays where it is until the order is done. `expected`: as the latch
  /// had it before the connection was known to be to the newest primary, or there was none.
  void load(state_table& table, const head_latch::point& expected, time now);
  void load(state_table& table, time now) { load(table, latch_.newest(), now); }
  [[nodiscard]] const result<log_head>& loaded() const noexcept { return *loaded_; }

  /// As engine::commit; of a load that succeeded and was not abandoned (checked). `attempt` is
  /// drawn at random, for this call alone. Both and the events stay until the order is done.
  void commit(const state_table& table, std::span<const new_event> events, std::string_view attempt,
              time now);
  [[nodiscard]] const result<commit_status>& committed() const noexcept { return *committed_; }

  /// As engine::abandon.
  void abandon(time now);

  /// How many standbys a commit waits for, where the last exchange has said it.
  [[nodiscard]] std::optional<unsigned> standbys() const noexcept { return said_.standbys; }

  [[nodiscard]] step next();
  [[nodiscard]] std::span<const sql_request> requests() const noexcept { return requests_; }
  [[nodiscard]] time until() const noexcept { return until_; }

  void on_connected(time now);
  /// Why not. errc::storage_failed: it is not the store of before, and this ends here.
  void on_refused(const error& cause, time now);
  /// To the next request; more, and fewer before the end, are as if the connection were lost.
  void on_reply(const sql_reply& reply);
  void on_warning(std::string_view message);
  void on_end(time now);
  /// The connection has ended, also where nothing is under way.
  void on_lost(std::string_view cause, time now);
  void on_time(time now);

  /// What has happened that people should know of, since it was asked last.
  [[nodiscard]] std::string take_notice() { return std::exchange(notice_, {}); }

 private:
  enum class work { none, load, commit, resolve, abandon };
  enum class transaction { none, unlocked, locked };

  // session_machine.cpp: orders and steps.
  void begin_load();
  void ask_for_states();
  void begin_resolving(std::string_view cause);
  void resolve_again(std::string_view cause);
  void ask_for_attempt();
  void push_commit();
  void break_off(std::string_view cause);
  void connect(time by);
  void exchange(std::chrono::milliseconds most);
  void drop();
  void note(time now) noexcept { now_ = std::max(now_, now); }
  void end();
  [[nodiscard]] bool locking() const noexcept { return locks_left_ > 0; }

  // session_replies.cpp: what replies mean.
  void end_load();
  [[nodiscard]] result<log_head> judge_load();
  [[nodiscard]] bool without_standby() const noexcept;
  void end_commit();
  void end_resolving();
  void give_load(result<log_head> outcome);
  void give_commit(result<commit_status> outcome);

  const session_rules rules_;
  head_latch& latch_;

  // The order under way.
  work work_ = work::none;
  time now_{};      ///< the latest that is known
  time give_up_{};  ///< of the order
  state_table* table_ = nullptr;
  std::string attempt_;
  log_head led_to_;  ///< by the commit
  bool with_events_ = false;
  std::optional<result<log_head>> loaded_;
  std::optional<result<commit_status>> committed_;

  // The step under way.
  step step_ = step::done;
  time until_{};
  bool to_close_ = false;

  // The exchange under way.
  std::vector<sql_request> requests_;
  std::size_t replies_ = 0;
  exchange_outcome said_;
  head_latch::point expected_;

  // The connection.
  bool connected_ = false;
  bool fresh_ = false;      ///< made for this order
  bool unchecked_ = false;  ///< it has not shown yet that it has the newest event
  bool untidy_ = false;     ///< a transaction has to be ended before the next
  transaction open_ = transaction::none;
  loaded_head from_;  ///< of the load that is open
  unsigned locks_left_ = 0;

  commit_requests changes_;
  array_parameter keys_;
  array_parameter users_;  ///< whose last events are loaded
  number_bytes sequence_{};
  std::string notice_;
};

}  // namespace factord::storage

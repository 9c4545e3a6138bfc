#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "server/service/call.hpp"
#include "server/service/environment.hpp"
#include "server/service/event_waits.hpp"
#include "server/service/event_walk.hpp"
#include "server/service/shared_walks.hpp"
#include "server/service/walk_line.hpp"

namespace factord::service {

/// The calls that only read. Each goes on with `then` on the shard's thread, once, with
/// `pending.out` set: before it returns, or when the store has answered. Reads see every answered
/// write.
class queries {
 public:
  using continuation = std::function<void(call&)>;

  explicit queries(const environment& with) : with_(with), line_(with_.wanted), waits_(with_) {}

  [[nodiscard]] event_waits& waits() noexcept { return waits_; }

  // Whole operations.
  void get_user(call& pending, const continuation& then);
  /// Of both lists.
  void list_otp_email(call& pending, const continuation& then);
  void list_events(call& pending, const continuation& then);
  void list_tokens(call& pending, const continuation& then);
  void stats(call& pending, const continuation& then);
  void start_backup(call& pending, const continuation& then);
  void get_backup(call& pending, const continuation& then);
  void reset_store(call& pending, const continuation& then);
  /// Lets a bulk in: its lines are asked for one by one.
  void begin_bulk(call& pending, const continuation& then);

  // For preparation.
  /// Sets `pending.in.org` to the org of the caller: that of its user record, else that of its
  /// grants; leaves it empty where there is neither.
  void find_callers_org(call& pending, const continuation& then);
  /// Sets `pending.draws.token_hash` to that of the token `pending.in.token_id`, or fails with 404.
  void find_token(call& pending, const continuation& then);

 private:
  /// Answers a call that may wait with what a walk has found, or lets it wait.
  void settle(call& pending, std::uint64_t entered, const continuation& then);
  /// False where the store is not that of its beginning any more; it has failed then.
  [[nodiscard]] bool is_of_store(call& pending) const;
  /// The next part of a stream, or its end.
  void follow(call& pending, const continuation& then);
  void settle_part(call& pending, std::uint64_t entered, const continuation& then);
  /// The same for all that have shared a walk.
  void settle_parts(call& walked, std::uint64_t entered, const continuation& then);
  static void share(const call& walked, call& with);
  void end(call& pending, const continuation& then);
  static void look_on(call& pending);
  /// Begins a walk when it is its turn.
  void walk(call& pending, const continuation& then,
            void (queries::*begin)(call& pending, const continuation& then));
  void walk_events(call& pending, const continuation& then);
  void step(const std::shared_ptr<event_walk>& page, call& pending, const continuation& then);
  void walk_tokens(call& pending, const continuation& then);

  /// What a call makes of what was read for it.
  using show_function = void (queries::*)(call& pending, const storage::states_answer& read) const;
  /// Reads states for a call, whose answer `show` then sets.
  void read(call& pending, std::span<const std::string> keys, const continuation& then,
            show_function show);
  void show_user(call& pending, const storage::states_answer& read) const;
  void show_otp_email(call& pending, const storage::states_answer& read) const;
  void show_stats(call& pending, const storage::states_answer& read) const;
  void take_callers_org(call& pending, const storage::states_answer& read) const;
  void take_token(call& pending, const storage::states_answer& read) const;
  void show_backup(std::uint64_t number, answer& out) const;

  const environment& with_;
  walk_line line_;
  event_waits waits_;
  shared_walks shared_;
};

using query_function = void (queries::*)(call& pending, const queries::continuation& then);

}  // namespace factord::service

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
#include "server/service/walk_line.hpp"

namespace factord::service {

/// The calls that only read. Each goes on with `then` on the shard's thread, once, with `work.out`
/// set: before it returns, or when the store has answered. Reads see every answered write.
class queries {
 public:
  using continuation = std::function<void(call&)>;

  explicit queries(const environment& with) : with_(with), line_(with_.wanted), waits_(with_) {}

  [[nodiscard]] event_waits& waits() noexcept { return waits_; }

  // Whole operations.
  void get_user(call& work, const continuation& then);
  /// Of both lists.
  void list_otp_email(call& work, const continuation& then);
  void list_events(call& work, const continuation& then);
  void list_tokens(call& work, const continuation& then);
  void stats(call& work, const continuation& then);
  void start_backup(call& work, const continuation& then);
  void get_backup(call& work, const continuation& then);

  // For preparation.
  /// Sets `work.in.org` to the org of the caller: that of its user record, else that of its grants;
  /// leaves it empty where there is neither.
  void find_callers_org(call& work, const continuation& then);
  /// Sets `work.draws.token_hash` to that of the token `work.in.token_id`, or fails with 404.
  void find_token(call& work, const continuation& then);

 private:
  /// Answers a call that may wait with what a walk has found, or lets it wait.
  void settle(call& work, std::uint64_t entered, const continuation& then);
  /// The next part of a stream, or its end.
  void follow(call& work, const continuation& then);
  void settle_part(call& work, std::uint64_t entered, const continuation& then);
  void end(call& work, const continuation& then);
  static void look_on(call& work);
  /// Begins a walk when it is its turn.
  void walk(call& work, const continuation& then,
            void (queries::*begin)(call& work, const continuation& then));
  void walk_events(call& work, const continuation& then);
  void step(const std::shared_ptr<event_walk>& page, call& work, const continuation& then);
  void walk_tokens(call& work, const continuation& then);

  /// What a call makes of what was read for it.
  using show_function = void (queries::*)(call& work, const storage::states_answer& read) const;
  /// Reads states for a call, whose answer `show` then sets.
  void read(call& work, std::span<const std::string> keys, const continuation& then,
            show_function show);
  void show_user(call& work, const storage::states_answer& read) const;
  void show_otp_email(call& work, const storage::states_answer& read) const;
  void show_stats(call& work, const storage::states_answer& read) const;
  void take_callers_org(call& work, const storage::states_answer& read) const;
  void take_token(call& work, const storage::states_answer& read) const;
  void show_backup(std::uint64_t number, answer& out) const;

  const environment& with_;
  walk_line line_;
  event_waits waits_;
};

using query_function = void (queries::*)(call& work, const queries::continuation& then);

}  // namespace factord::service

#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "storage/postgres/connection.hpp"
#include "storage/postgres/primary_watch.hpp"
#include "storage/postgres/session_machine.hpp"

namespace factord::storage {

/// The writer's connection, and the machine that says what to do with it: does what it says until
/// an order has its outcome. One thread.
class writer_session {
 public:
  /// A connection, by then.
  using connect =
      std::function<result<std::unique_ptr<postgres_connection>>(postgres_connection::time by)>;
  using notice = std::function<void(std::string_view text)>;

  /// The latch and the watch outlive it. `notice` may be empty.
  writer_session(const session_rules& rules, head_latch& latch, primary_watch& watch, connect how,
                 notice tell)
      : rules_(rules),
        latch_(latch),
        watch_(watch),
        machine_(rules, latch),
        connect_(std::move(how)),
        notice_(std::move(tell)) {}

  [[nodiscard]] result<log_head> load(state_table& table);
  [[nodiscard]] result<commit_status> commit(const state_table& table,
                                             std::span<const new_event> events);
  void abandon();
  [[nodiscard]] result<void> confirm();

 private:
  void run();
  void connect_now();
  void receive();
  /// Whether it was lost while nobody looked: before anything is sent, so that nothing was done.
  void look();

  const session_rules rules_;
  head_latch& latch_;
  primary_watch& watch_;
  session_machine machine_;
  const connect connect_;
  const notice notice_;
  std::unique_ptr<postgres_connection> connection_;
};

}  // namespace factord::storage

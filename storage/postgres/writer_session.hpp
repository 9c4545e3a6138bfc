#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "storage/postgres/primary_watch.hpp"
#include "storage/postgres/session_io.hpp"
#include "storage/postgres/session_machine.hpp"

namespace factord::storage {

/// The writer's session: a machine, and what moves its bytes. One thread.
class writer_session {
 public:
  using notice = std::function<void(std::string_view text)>;

  /// The latch and the watch outlive it. `tell` may be empty.
  writer_session(const session_rules& rules, head_latch& latch, primary_watch& watch,
                 std::unique_ptr<session_io> io, notice tell)
      : rules_(rules),
        latch_(latch),
        watch_(watch),
        machine_(rules, latch),
        io_(std::move(io)),
        notice_(std::move(tell)) {}

  // As those of engine.
  [[nodiscard]] result<log_head> load(state_table& table);
  [[nodiscard]] result<commit_status> commit(const state_table& table,
                                             std::span<const new_event> events);
  void abandon();
  [[nodiscard]] result<void> confirm();

 private:
  void run();
  /// Whether it was lost while nobody looked: before anything is sent, so that nothing was done.
  void look();

  const session_rules rules_;
  head_latch& latch_;
  primary_watch& watch_;
  session_machine machine_;
  const std::unique_ptr<session_io> io_;
  const notice notice_;
};

}  // namespace factord::storage

#pragma once

#include <chrono>
#include <span>

#include "storage/base/error.hpp"
#include "storage/postgres/exchange.hpp"
#include "storage/postgres/session_machine.hpp"

namespace factord::storage {

/// The connection of a session, its clock, and what is known of the server: what the machine of it
/// has to have moved. Whatever waits, waits in here. One thread.
class session_io {
 public:
  using time = session_machine::time;

  virtual ~session_io() = default;

  [[nodiscard]] virtual time now() = 0;
  /// A connection, by then; there is none. errc::storage_failed where it leads to another store.
  [[nodiscard]] virtual result<void> connect(time by) = 0;
  /// Whether there is one that the other side has ended, while nothing is under way. Does not wait.
  [[nodiscard]] virtual bool has_ended() = 0;
  /// Hands an exchange over; does not wait. Copies what it needs later.
  virtual void send(std::span<const sql_request> requests) = 0;
  /// What comes next of it, by then.
  [[nodiscard]] virtual exchange_event receive(time by) = 0;
  virtual void pause(time until) = 0;
  /// Ends the connection, also one that was lost; nothing where there is none.
  virtual void close() = 0;

  // What this process knows of the primary (primary_watch.hpp).

  /// A commit that was sent then on the connection that there is, if there is one, was
  /// acknowledged.
  virtual void acknowledged(time sent) = 0;
  /// How many standbys a commit on it waits for.
  virtual void see_standbys(unsigned demanded) = 0;
  /// As make_sure (touch.hpp) of that connection, while nothing is open on it. errc::unavailable
  /// also where there is none.
  [[nodiscard]] virtual result<void> confirm(time by) = 0;
};

/// Does what the machine says until its order has an outcome. Every session is run by this,
/// whatever its connection.
void run_session(session_machine& machine, session_io& io);

}  // namespace factord::storage

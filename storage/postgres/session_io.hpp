#pragma once

#include <chrono>
#include <optional>
#include <span>

#include "storage/base/error.hpp"
#include "storage/postgres/exchange.hpp"
#include "storage/postgres/primary_watch.hpp"
#include "storage/postgres/session_machine.hpp"

namespace factord::storage {

/// The connection of a session and its clock. Whatever waits, waits in here; nothing is decided.
/// One thread.
class session_io {
 public:
  using time = session_machine::time;

  virtual ~session_io() = default;

  [[nodiscard]] virtual time now() = 0;
  /// A connection, by then, to the host that is chosen (host_choice.hpp); there is none. The watch
  /// sees where it leads. errc::storage_failed where that is another store.
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

  /// Whom it is connected to: a primary, and the process there that serves the connection, 0 where
  /// that is not told. Nothing where there is no connection.
  struct peer {
    server_tag server;
    int process = 0;
  };
  [[nodiscard]] virtual std::optional<peer> connected_to() const = 0;
};

/// Does what the machine says until its order has an outcome. Every session is run by this,
/// whatever its connection.
void run_session(session_machine& machine, session_io& io);

}  // namespace factord::storage

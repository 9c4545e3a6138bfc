#pragma once

#include "server/protocol/connection_machine.hpp"

namespace factord::protocol {

/// Does what `machine` wants done, until that is to wait. `socket` moves the bytes:
///
///     void write(std::string_view bytes);  // calls machine.wrote()
///     void shut_down();                    // of its sending half
///     void close();
///     void relieve();                      // closes the connection with the fullest buffers
///     void yield();                        // calls machine.resumed() later, and run_steps()
///
/// It may be called inside of itself, by what complete() or relieve() lead to.
template <class Socket>
void run_steps(connection_machine& machine, Socket& socket) {
  using enum connection_machine::step::kind;
  for (;;) {
    const connection_machine::step now = machine.next();
    switch (now.what) {
      case wait:
        return;
      case write:
        socket.write(now.bytes);
        break;
      case shut_down:
        socket.shut_down();
        break;
      case relieve:
        socket.relieve();
        break;
      case yield:
        socket.yield();
        break;
      case close:
        socket.close();
        break;
    }
  }
}

}  // namespace factord::protocol

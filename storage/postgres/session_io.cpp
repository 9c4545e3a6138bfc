#include "storage/postgres/session_io.hpp"

#include <string>

namespace factord::storage {

namespace {

using step = session_machine::step;

void connect(session_machine& machine, session_io& io) {
  const auto made = io.connect(machine.until());
  made ? machine.on_connected(io.now()) : machine.on_refused(made.error(), io.now());
}

void receive(session_machine& machine, session_io& io) {
  using kind = exchange_event::kind;
  const auto event = io.receive(machine.until());
  switch (event.what) {
    case kind::warning:
      return machine.on_warning(event.text);
    case kind::reply:
      return machine.on_reply(event.reply);
    case kind::end:
      return machine.on_end(io.now());
    case kind::lost: {
      const std::string cause{event.text};
      io.close();
      return machine.on_lost(cause, io.now());
    }
    case kind::late:
      return machine.on_time(io.now());
  }
}

}  // namespace

void run_session(session_machine& machine, session_io& io) {
  for (step next = machine.next(); next != step::done; next = machine.next()) {
    switch (next) {
      case step::connect:
        connect(machine, io);
        break;
      case step::send:
        io.send(machine.requests());
        break;
      case step::receive:
        receive(machine, io);
        break;
      case step::pause:
        io.pause(machine.until());
        machine.on_time(io.now());
        break;
      case step::close:
        io.close();
        break;
      case step::done:
        break;
    }
  }
}

}  // namespace factord::storage

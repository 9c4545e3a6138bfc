#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/simulation/client_socket.hpp"
#include "tests/simulation/line_answer.hpp"
#include "tests/simulation/model.hpp"

namespace factord::simulation {

/// Reads the log as a stream, over one connection after the other, each of which goes on where the
/// last one ended. Whatever the servers and the network do, it is shown each event once, in order,
/// none that is lost afterwards, and all of them in the end.
class follower {
 public:
  struct surroundings {
    scheduler& time;
    random_bits& random;
    trace& log;
    const history& past;
    const server_list& servers;
    bool stays;  ///< it ends no stream itself, so whatever a server forgets of it never comes
  };

  explicit follower(const surroundings& around);

  [[nodiscard]] bool caught_up() const { return shown_ == around_.past.last(); }
  /// Checks that the log that was found up to `last` has all that was shown; `may_lose`: it need
  /// not.
  void log_found(std::uint64_t last, bool may_lose);
  void server_died(std::size_t which);
  [[nodiscard]] std::string position() const;

 private:
  void step();
  void connect();
  void hang_up();
  void arrive(std::string_view piece);
  void take_line(std::string_view line);

  const surroundings around_;
  client_socket socket_;
  line_answer answer_;
  std::uint64_t shown_ = 0;
};

}  // namespace factord::simulation

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/model.hpp"
#include "tests/simulation/simulated_server.hpp"

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
    const std::vector<std::unique_ptr<simulated_server>>& servers;  ///< null while one is not there
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
  [[nodiscard]] bool take_head();
  [[nodiscard]] bool take_chunk();
  void take_line(std::string_view line);

  const surroundings around_;
  std::size_t home_ = 0;             ///< to which server it is connected
  std::shared_ptr<pipe> to_server_;  ///< null: not connected
  std::shared_ptr<pipe> from_server_;
  service::ticket link_;
  bool begun_ = false;  ///< the header of the answer has come
  std::string input_;
  std::string text_;  ///< out of its chunks
  std::uint64_t shown_ = 0;
};

}  // namespace factord::simulation

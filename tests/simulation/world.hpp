#pragma once

#include <memory>
#include <vector>

#include "tests/simulation/client.hpp"

namespace factord::simulation {

/// What one run came to.
struct run_result {
  std::uint64_t trace_hash = 0;
  std::uint64_t answers = 0;  ///< checked
  std::uint64_t events = 0;   ///< in the log at the end
  std::uint64_t crashes = 0;
};

/// One seed: clients, the network, the server process and its deaths, the disk, the model.
class world {
 public:
  world(std::uint64_t seed, bool shown);

  /// Runs to the end. Throws a violation.
  run_result run();

 private:
  void plan_trouble();
  void step_wall_clock();
  void start_server();
  void end_process(bool power_cut);
  void bury_process();
  [[nodiscard]] bool all_done() const;
  void check_end();

  const run_options run_;
  random_bits random_;
  scheduler time_{random_};
  moment wall_offset_{0};
  trace trace_;
  storage::memory_engine store_;
  model model_{store_, run_};
  std::vector<known_token> tokens_;
  std::unique_ptr<simulated_server> server_;
  std::vector<std::unique_ptr<client>> clients_;
  bool ending_ = false;
  bool power_cut_ = false;
  bool store_failed_ = false;
  std::uint64_t crashes_ = 0;
};

}  // namespace factord::simulation

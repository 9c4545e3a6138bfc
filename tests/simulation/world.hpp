#pragma once

#include <memory>
#include <vector>

#include "tests/simulation/bulk_client.hpp"
#include "tests/simulation/client.hpp"
#include "tests/simulation/follower.hpp"
#include "tests/simulation/random.hpp"
#include "tests/simulation/shared_database.hpp"
#include "tests/simulation/shared_store.hpp"

namespace factord::simulation {

/// What one run came to.
struct run_result {
  std::uint64_t trace_hash = 0;
  std::uint64_t answers = 0;  ///< checked
  std::uint64_t events = 0;   ///< in the log at the end
  std::uint64_t crashes = 0;
  std::uint64_t refusals = 0;  ///< of batches, which were decided again
  resolved_commits resolved;
};

/// One seed: clients, the network, the server processes and their deaths, the disk, the model.
class world {
 public:
  /// `database`: with one under the servers.
  world(std::uint64_t seed, bool database, bool shown);

  /// Runs to the end. Throws a violation.
  run_result run();

 private:
  [[nodiscard]] std::unique_ptr<shared_store> make_store();
  void plan_trouble();
  void step_wall_clock();
  void start_server(std::size_t which);
  void end_process(std::size_t which, bool power_cut);
  void bury_process(std::size_t which);
  void recover(bool power_cut);
  void see_log();
  void lose_log(bool answered);
  [[nodiscard]] std::uint64_t last_in_store() const;
  [[nodiscard]] bool all_done() const;
  void check_end();

  const run_options run_;
  random_bits random_;
  scheduler time_{random_};
  moment wall_offset_{0};
  trace trace_;
  resolved_commits resolved_;
  const std::unique_ptr<shared_store> store_;
  model model_;
  std::vector<known_token> tokens_;

  /// How a process ends that does.
  struct death {
    bool ending = false;
    bool power_cut = false;
    bool store_failed = false;
  };
  std::vector<death> deaths_;                               ///< by server
  std::vector<std::unique_ptr<simulated_server>> servers_;  ///< null: is about to start

  std::vector<std::unique_ptr<client>> clients_;
  std::vector<std::unique_ptr<bulk_client>> bulk_clients_;
  std::vector<std::unique_ptr<follower>> followers_;
  bool over_ = false;  ///< no process begins any more
  std::uint64_t crashes_ = 0;
  std::uint64_t refusals_ = 0;
};

}  // namespace factord::simulation

#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

#include "storage/postgres/platform.hpp"
#include "tests/simulation/database_io.hpp"
#include "tests/simulation/simulated_thread.hpp"

namespace factord::simulation {

/// What the engine of a server runs on here: its commit thread and two that read, and connections
/// to simulated databases.
class database_platform final : public storage::postgres_platform {
 public:
  using point = storage::head_latch::point;

  /// `seen`: the newest event that the process has seen.
  database_platform(database_hosts& to, simulated_thread& commit_thread,
                    std::shared_ptr<const point> seen);

  std::unique_ptr<storage::session_io> make_io(use what, storage::primary_watch& watch) override;
  std::unique_ptr<storage::readers> start(std::unique_ptr<storage::read_session> look_ups,
                                          std::unique_ptr<storage::read_session> walks) override;
  std::chrono::steady_clock::time_point now() const override {
    return std::chrono::steady_clock::time_point{events_.now()};
  }

  /// The network drops one of its connections.
  void cut();
  /// Whether what serves the writer has a transaction open.
  [[nodiscard]] bool in_transaction() const;

 private:
  database_hosts& to_;
  const run_options& run_;
  scheduler& events_;
  random_bits& random_;
  const std::shared_ptr<const point> seen_;
  simulated_thread& commit_thread_;
  simulated_thread look_ups_{events_};
  simulated_thread walks_{events_};
  std::array<database_io*, 3> connections_{};  ///< by use
};

}  // namespace factord::simulation

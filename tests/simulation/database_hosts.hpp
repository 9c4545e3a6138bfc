#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "tests/simulation/database.hpp"

namespace factord::simulation {

/// The two hosts that servers are told of: on one is the database, on the other its standby, or an
/// old database that does not know that it is one no more.
class database_hosts {
 public:
  /// As database::surroundings, but for what they share.
  database_hosts(scheduler& time, random_bits& random, const run_options& run,
                 std::function<void(const std::string& what)> tell, std::function<void()> changed,
                 std::function<void(bool answered)> lost, database_tables content);

  static constexpr std::size_t count = 2;
  /// Null: who is there takes nobody in.
  [[nodiscard]] database* at(std::size_t host) const noexcept { return hosts_[host]; }
  /// The one that counts.
  [[nodiscard]] database& newest() const noexcept { return *hosts_[home_]; }
  /// One that lives.
  [[nodiscard]] database& any() const;
  [[nodiscard]] bool has_lost_events() const noexcept { return lost_events_; }

  /// The database is cut off from its standby, and that is promoted once nobody takes the old one
  /// for the newest any more.
  void split();

 private:
  void promote();

  bool lost_events_ = false;
  const database::surroundings around_;
  std::vector<std::unique_ptr<database>> all_;  ///< that there ever were: somebody may be connected
  database* hosts_[count] = {};
  std::size_t home_ = 0;
  std::uint64_t splits_ = 0;
};

}  // namespace factord::simulation

#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "tests/simulation/database_engine.hpp"
#include "tests/simulation/random.hpp"
#include "tests/simulation/shared_store.hpp"
#include "tests/simulation/trace.hpp"

namespace factord::simulation {

/// How commits ended whose outcome was not known at first.
struct resolved_commits {
  std::uint64_t done = 0;
  std::uint64_t not_done = 0;
  std::uint64_t never_known = 0;
};

/// A store in a simulated database.
class shared_database final : public shared_store {
 public:
  struct surroundings {
    scheduler& time;
    random_bits& random;
    const run_options& run;
    trace& log;
    std::function<void()> changed;
    std::function<void(bool answered)> lost;
    resolved_commits& resolved;
  };
  explicit shared_database(const surroundings& around);

  const std::vector<known_token>& tokens() const override { return tokens_; }
  const storage::log_source& view() const override { return view_; }
  std::unique_ptr<storage::engine> open(std::size_t server, simulated_thread& on) override;
  bool died(std::size_t server, bool power_cut) override;
  void plan(const planner& plan) override;
  void settle() override;

 private:
  /// What everybody sees.
  class everybody final : public table_reader<storage::log_source> {
   public:
    explicit everybody(const database_hosts& of) : of_(of) {}
    const std::string& store_id() const noexcept override { return store_id_; }

   private:
    result<const database_tables*> look() const override { return &of_.newest().tables(); }
    const database_hosts& of_;
    const std::string store_id_ = "store";
  };

  void take_notice(std::size_t server, std::string_view text);

  const surroundings around_;
  storage::memory_engine first_{"store"};  ///< what it is filled from
  const std::vector<known_token> tokens_;
  database_hosts databases_;
  everybody view_{databases_};
  std::vector<database_engine*> opened_;  ///< by server; null: it has no process
};

}  // namespace factord::simulation

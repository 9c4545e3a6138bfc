#pragma once

#include <memory>
#include <vector>

#include "storage/engine/memory_engine.hpp"
#include "tests/simulation/options.hpp"
#include "tests/simulation/random.hpp"
#include "tests/simulation/shared_store.hpp"

namespace factord::simulation {

/// A store in memory, as the disk of one server, or under several.
class shared_memory final : public shared_store {
 public:
  shared_memory(const run_options& run, random_bits& random);

  const std::vector<known_token>& tokens() const override { return tokens_; }
  const storage::log_source& view() const override { return view_; }
  std::unique_ptr<storage::engine> open(std::size_t server, simulated_thread& on) override;
  bool died(std::size_t server, bool power_cut) override;
  void plan(const planner& plan) override;
  void settle() override;

 private:
  void order_refusals(storage::memory_engine& of);

  const run_options& run_;
  random_bits& random_;
  const std::shared_ptr<storage::memory_store> store_;
  storage::memory_engine view_{store_};
  const std::vector<known_token> tokens_;
  std::vector<storage::memory_engine*> opened_;  ///< by server; null: it has no process
};

}  // namespace factord::simulation

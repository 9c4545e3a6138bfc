#pragma once

#include <string>
#include <vector>

#include "storage/engine/memory_engine.hpp"
#include "tests/simulation/options.hpp"

namespace factord::simulation {

struct known_token {
  std::string secret;
  std::string id;
};

/// The name of the i-th user: even ones of org "even", odd ones of org "odd".
[[nodiscard]] std::string user_name(std::size_t i);
[[nodiscard]] std::string org_of(std::size_t i);

/// What is in the store when a run begins: users with the factor, and tokens of several rights.
[[nodiscard]] std::vector<known_token> fill_store(storage::memory_engine& store,
                                                  const run_options& run);

}  // namespace factord::simulation

// Engines in memory that share a store, for the contract.
#include <memory>

#include "storage/engine/memory_engine.hpp"
#include "tests/unit/storage/engine/shared_store_contract.hpp"

namespace factord::storage::testing {
namespace {

engine_pair on_one_memory() {
  const auto one = std::make_shared<memory_engine>("id");
  return {one, std::make_shared<memory_engine>(one->shared())};
}

INSTANTIATE_TEST_SUITE_P(engines, shared_store_contract,
                         ::testing::Values(pair_case{"memory", on_one_memory}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace factord::storage::testing

// The engines without a server, for the contract.
#include <memory>

#include "storage/engine/memory_engine.hpp"
#include "tests/unit/storage/engine/engine_contract.hpp"
#include "tests/unit/storage/engine/engines.hpp"

namespace factord::storage::testing {
namespace {

engine_case in_memory(const std::string& name, durability mode, bool apart = false) {
  return {name, mode, [mode, apart] {
            auto made = std::make_shared<memory_engine>("store", mode);
            if (apart) made->walk_apart();
            return made;
          }};
}

engine_case on_disk(const std::string& name, durability mode) {
  return {name, mode, [mode] {
            const auto made = std::make_shared<store_on_disk>(mode);
            return std::shared_ptr<engine>{made, &made->get()};
          }};
}

INSTANTIATE_TEST_SUITE_P(engines, engine_contract,
                         ::testing::Values(in_memory("memory_disk", durability::disk),
                                           in_memory("memory_process", durability::process),
                                           in_memory("memory_apart", durability::disk, true),
                                           on_disk("rocksdb_disk", durability::disk),
                                           on_disk("rocksdb_process", durability::process)),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace factord::storage::testing

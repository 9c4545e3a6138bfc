// Engines on a PostgreSQL database, for the contracts.
#include <memory>

#include "storage/postgres/store.hpp"
#include "tests/unit/storage/engine/engine_contract.hpp"
#include "tests/unit/storage/engine/shared_store_contract.hpp"
#include "tests/unit/storage/postgres/cluster.hpp"

namespace factord::storage::testing {
namespace {

/// An engine, and the database that it is alone on unless others are opened there.
struct store_in_database {
  std::shared_ptr<database> in;
  std::unique_ptr<engine> store;
};

std::shared_ptr<engine> open_in(const std::shared_ptr<database>& in) {
  const auto made = std::make_shared<store_in_database>();
  made->in = in;
  made->store = open_postgres_store(in->location()).value();
  return {made, made->store.get()};
}

std::shared_ptr<database> with_a_store() {
  auto made = std::make_shared<database>();
  (void)make_postgres_store(made->location()).value();
  return made;
}

engine_pair on_one_database() {
  const auto in = with_a_store();
  return {open_in(in), open_in(in)};
}

const auto by_name = [](const auto& test) { return test.param.name; };

INSTANTIATE_TEST_SUITE_P(postgres, engine_contract,
                         ::testing::Values(engine_case{"postgres", durability::disk,
                                                       [] { return open_in(with_a_store()); }}),
                         by_name);
INSTANTIATE_TEST_SUITE_P(postgres, shared_store_contract,
                         ::testing::Values(pair_case{"postgres", on_one_database}), by_name);

}  // namespace
}  // namespace factord::storage::testing

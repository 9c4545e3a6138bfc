#include "storage/rocksdb/memtable/core_yielder.hpp"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <memory>
#include <string>
#include <vector>

#include "storage/rocksdb/options.hpp"
#include "tests/unit/support/temp_directory.hpp"

namespace factord::storage::core_yielder_test {
namespace {

using namespace std::chrono_literals;

/// A core on which time passes where the test says so, and whoever yields waits for `others`.
struct fake_core {
  fake_core() {
    time = {};
    others = 0ns;
    offers = 0;
  }

  static inline core_yielder::time_point time;
  static inline std::chrono::nanoseconds others;
  static inline int offers;

  static core_yielder::time_point now() { return time; }
  static void yield() {
    ++offers;
    time += others;
  }
  static constexpr core_yielder::scheduler scheduler{now, yield};
};

class sharing_a_core : public ::testing::Test {
 protected:
  /// So many turns of 30 us each.
  void work(int turns) {
    for (int i = 0; i < turns * steps; ++i) {
      fake_core::time += 10us;
      sharing_.step();
    }
  }
  static constexpr int steps = 3;
  fake_core core_;  ///< begins anew, before what shares it
  core_yielder sharing_{steps, fake_core::scheduler};
};

TEST_F(sharing_a_core, is_offered_after_its_steps_and_not_before) {
  for (int i = 1; i < steps; ++i) sharing_.step();
  EXPECT_EQ(fake_core::offers, 0);
  sharing_.step();
  EXPECT_EQ(fake_core::offers, 1);
  work(5);
  EXPECT_EQ(fake_core::offers, 6);
}

TEST_F(sharing_a_core, is_offered_as_long_as_waiting_is_worth_it) {
  // Exactly its patience: four times the 30 us of a turn.
  fake_core::others = core_yielder::patience * 30us;
  work(10);
  EXPECT_EQ(fake_core::offers, 10);
}

TEST_F(sharing_a_core, waits_for_a_busy_machine_within_its_patience_only) {
  fake_core::others = 10ms;
  work(1);
  EXPECT_EQ(fake_core::offers, 1);
  // 10 ms waited: to be offered again it has to work 2.5 ms, which is 84 turns with the first one.
  work(82);
  EXPECT_EQ(fake_core::offers, 1);
  work(1);
  EXPECT_EQ(fake_core::offers, 2);
}

TEST_F(sharing_a_core, waits_no_longer_than_its_patience_on_the_whole) {
  fake_core::others = 4ms;
  const auto began = fake_core::time;
  work(10'000);
  const auto worked = 10'000 * 30us;
  const auto waited = fake_core::time - began - worked;
  EXPECT_LE(waited, core_yielder::patience * worked + fake_core::others);
  EXPECT_GT(waited, worked);
}

TEST(tables_that_share_a_core, are_those_of_all_families) {
  const temp_directory dir;
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.allow_concurrent_memtable_write = false;
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(
      rocksdb::DB::Open(options, dir.path(), family_options(store_options{}), &families, &opened)
          .ok());
  const std::unique_ptr<rocksdb::DB> db{opened};

  for (rocksdb::ColumnFamilyHandle* const family : families) {
    ASSERT_TRUE(db->Put({}, family, "key", "value").ok());
    ASSERT_TRUE(db->Flush({}, family).ok());
    rocksdb::TablePropertiesCollection tables;
    ASSERT_TRUE(db->GetPropertiesOfAllTables(family, &tables).ok());
    ASSERT_EQ(tables.size(), 1);
    EXPECT_EQ(tables.begin()->second->property_collectors_names, "[factord.core_yielder]")
        << family->GetName();
  }
  for (rocksdb::ColumnFamilyHandle* const family : families)
    (void)db->DestroyColumnFamilyHandle(family);
}

}  // namespace
}  // namespace factord::storage::core_yielder_test

// What is kept of log_head::token_epoch beside the log (storage/rocksdb/store_meta.hpp).
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/storage/commit/commands.hpp"
#include "tests/unit/storage/engine/engines.hpp"
#include "tests/unit/storage/rocksdb/raw_store.hpp"

namespace factord::storage::token_epoch_test {
namespace {

std::uint64_t epoch_of(const log_source& store) {
  return testing::read<states_answer>([&](auto done) { store.read_states({}, std::move(done)); })
      .head.token_epoch;
}

TEST(token_epoch, is_kept_and_one_that_was_never_written_is_0) {
  testing::store_on_disk store;
  ASSERT_TRUE(testing::append_all(store.get(), {testing::human_added("1")}));
  ASSERT_TRUE(testing::append_all(store.get(), {testing::event_of(event_type::locked, "1")}));
  ASSERT_TRUE(testing::append_all(store.get(), {testing::event_of(event_type::unlocked, "1")}));
  ASSERT_FALSE(store.open());
  EXPECT_EQ(epoch_of(store.get()), 2U);
  ASSERT_FALSE(store.open_read_only());
  EXPECT_EQ(epoch_of(store.get()), 2U);

  // As programs left it that did not know it.
  const std::string key = "mtoken_epoch";
  store.close();
  testing::raw_store{store.files()}.erase(testing::raw_store::states, key);
  ASSERT_FALSE(store.open());
  EXPECT_EQ(epoch_of(store.get()), 0U);
  ASSERT_TRUE(testing::append_all(store.get(), {testing::event_of(event_type::locked, "1")}));
  ASSERT_FALSE(store.open());
  EXPECT_EQ(epoch_of(store.get()), 1U);

  for (const std::size_t size : {0U, 7U, 9U}) {
    store.close();
    testing::raw_store{store.files()}.put(testing::raw_store::states, key, std::string(size, 'x'));
    const auto failure = store.open();
    ASSERT_TRUE(failure) << size;
    EXPECT_EQ(failure->code, errc::corruption);
    EXPECT_NE(failure->message.find("token epoch"), std::string::npos) << failure->message;
  }
}

}  // namespace
}  // namespace factord::storage::token_epoch_test

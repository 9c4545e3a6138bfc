#include "storage/rocksdb/logger.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/storage/commit/commands.hpp"
#include "tests/unit/storage/engine/engines.hpp"

namespace factord::storage::logger_test {
namespace {

class rocksdb_logger : public ::testing::Test {
 protected:
  std::vector<std::string> passed_;
  notice_logger logger_{[this](std::string_view text) { passed_.emplace_back(text); }};
};

TEST_F(rocksdb_logger, passes_warnings_and_errors_on) {
  using enum rocksdb::InfoLogLevel;
  rocksdb::Log(INFO_LEVEL, &logger_, "nobody reads this");
  rocksdb::Log(HEADER_LEVEL, &logger_, "nor this");
  rocksdb::Log(WARN_LEVEL, &logger_, "[db/x.cc:1] disk %d is slow", 7);
  rocksdb::Log(ERROR_LEVEL, &logger_, "disk 7 is gone");
  EXPECT_EQ(passed_, (std::vector<std::string>{"[db/x.cc:1] disk 7 is slow", "disk 7 is gone"}));
}

TEST_F(rocksdb_logger, keeps_out_what_every_backup_would_warn_of) {
  using enum rocksdb::InfoLogLevel;
  const char* const harmless = "[%s:89] File Deletions Enable, but not really enabled. Counter: %d";
  rocksdb::Log(WARN_LEVEL, &logger_, harmless, "db/x.cc", 1);
  EXPECT_TRUE(passed_.empty());
  // Not as an error, and nothing that is like it or quotes it.
  rocksdb::Log(ERROR_LEVEL, &logger_, harmless, "db/x.cc", 1);
  rocksdb::Log(WARN_LEVEL, &logger_, "[%s:1] File Deletions failed", "db/x.cc");
  rocksdb::Log(WARN_LEVEL, &logger_, "cannot delete '%s'",
               "File Deletions Enable, but not really enabled. Counter: 1");
  EXPECT_EQ(passed_.size(), 3U);
}

TEST(rocksdb_logger_of_a_store, says_nothing_at_a_backup) {
  testing::store_on_disk store;
  ASSERT_TRUE(testing::append_all(store.get(), {testing::human_added("1")}));
  const temp_directory place;
  const auto made = store.get().back_up(place.path() / "backups", [](auto, auto) { return true; });
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(store.notices, std::vector<std::string>{});
}

}  // namespace
}  // namespace factord::storage::logger_test

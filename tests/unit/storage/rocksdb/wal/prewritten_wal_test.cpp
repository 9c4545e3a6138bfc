#include "storage/rocksdb/wal/prewritten_wal.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "tests/unit/support/temp_directory.hpp"

namespace factord::storage::prewritten_wal_test {
namespace {

class prewritten_log : public ::testing::Test {
 protected:
  std::unique_ptr<rocksdb::FSWritableFile> make(const std::string& name) {
    std::unique_ptr<rocksdb::FSWritableFile> file;
    const auto made = files_->NewWritableFile(path(name), rocksdb::FileOptions{}, &file, nullptr);
    EXPECT_TRUE(made.ok()) << made.ToString();
    return file;
  }

  static void append(rocksdb::FSWritableFile& file, std::string_view bytes) {
    const auto done = file.Append({bytes.data(), bytes.size()}, rocksdb::IOOptions{}, nullptr);
    ASSERT_TRUE(done.ok()) << done.ToString();
  }

  [[nodiscard]] std::string path(const std::string& name) const { return dir_.path() / name; }

  [[nodiscard]] std::string content(const std::string& name) const {
    std::ifstream in{path(name), std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  static std::string zeros(std::size_t count) { return std::string(count, '\0'); }

  const temp_directory dir_;
  const std::shared_ptr<rocksdb::FileSystem> files_ =
      prewritten_wal(rocksdb::FileSystem::Default());
};

TEST_F(prewritten_log, grows_by_steps_of_zeros_and_closes_at_its_length) {
  const auto file = make("000001.log");
  EXPECT_EQ(content("000001.log"), "") << "a log that holds nothing takes no room";
  append(*file, "first");
  append(*file, "second");
  EXPECT_EQ(content("000001.log"), "firstsecond" + zeros(wal_prewrite_bytes - 11));
  EXPECT_EQ(file->GetFileSize(rocksdb::IOOptions{}, nullptr), 11U);
  ASSERT_TRUE(file->Close(rocksdb::IOOptions{}, nullptr).ok());
  EXPECT_EQ(content("000001.log"), "firstsecond");
}

TEST_F(prewritten_log, takes_a_step_only_when_a_record_goes_past_the_last) {
  const auto file = make("000001.log");
  const std::string step(wal_prewrite_bytes, 'a');
  append(*file, step);
  EXPECT_EQ(content("000001.log"), step);
  append(*file, "b");
  EXPECT_EQ(content("000001.log"), step + "b" + zeros(wal_prewrite_bytes - 1));
}

TEST_F(prewritten_log, takes_as_many_steps_as_a_record_needs) {
  const auto file = make("000001.log");
  const std::string large(3 * wal_prewrite_bytes + 1, 'a');
  append(*file, large);
  EXPECT_EQ(content("000001.log"), large + zeros(wal_prewrite_bytes - 1));
}

TEST_F(prewritten_log, is_as_long_for_others_as_what_was_written) {
  const auto size = [this] {
    std::uint64_t bytes = 0;
    EXPECT_TRUE(
        files_->GetFileSize(path("000001.log"), rocksdb::IOOptions{}, &bytes, nullptr).ok());
    return bytes;
  };
  auto file = make("000001.log");
  EXPECT_EQ(size(), 0U);
  append(*file, "first");
  EXPECT_EQ(size(), 5U);
  append(*file, std::string(wal_prewrite_bytes, 'a'));
  EXPECT_EQ(size(), wal_prewrite_bytes + 5);
  ASSERT_TRUE(file->Close(rocksdb::IOOptions{}, nullptr).ok());
  file.reset();
  EXPECT_EQ(size(), wal_prewrite_bytes + 5);
  // One that is made anew begins anew, and one that nobody has open is as long as it is.
  file = make("000001.log");
  EXPECT_EQ(size(), 0U);
  append(*file, "again");
  file.reset();
  EXPECT_EQ(size(), wal_prewrite_bytes);
}

TEST_F(prewritten_log, leaves_other_files_alone) {
  const auto file = make("000001.sst");
  append(*file, "table");
  EXPECT_EQ(content("000001.sst"), "table");
}

}  // namespace
}  // namespace factord::storage::prewritten_wal_test

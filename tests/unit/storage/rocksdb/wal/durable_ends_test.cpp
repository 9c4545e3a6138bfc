// What a store remembers of its files, so that none of them can end earlier without being missed.
#include "storage/rocksdb/wal/durable_ends.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>

#include "storage/rocksdb/wal/wal_file.hpp"
#include "tests/unit/storage/commit/commands.hpp"
#include "tests/unit/storage/engine/engines.hpp"

namespace factord::storage::durable_ends_test {
namespace {

namespace fs = std::filesystem;

using testing::append_all;
using testing::human_added;

std::string content_of(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void write(const fs::path& file, std::string_view content) {
  std::ofstream{file, std::ios::binary | std::ios::trunc} << content;
}

/// A store that was closed with one event in its log.
class durable_ends_of_a_store : public ::testing::Test {
 protected:
  durable_ends_of_a_store() {
    if (!append_all(store_.get(), {human_added("1")})) throw std::runtime_error{"no event"};
    store_.close();
    for (const auto& entry : fs::directory_iterator{files()}) {
      const std::string name = entry.path().filename();
      if (name.starts_with("MANIFEST-")) manifest_ = entry.path();
      if (name.ends_with(".log")) wal_ = entry.path();
    }
  }

  fs::path files() const { return store_.files(); }

  void shorten(const fs::path& file) { fs::resize_file(file, fs::file_size(file) - 1); }

  /// Refused, in these words, by both ways to open it, and nothing is changed by that.
  void expect_refused(const std::string& words) {
    const auto before = names();
    for (const bool read_only : {false, true}) {
      const auto failure = read_only ? store_.open_read_only() : store_.open();
      ASSERT_TRUE(failure) << words;
      EXPECT_EQ(failure->code, errc::corruption);
      EXPECT_NE(failure->message.find(words), std::string::npos) << failure->message;
    }
    EXPECT_EQ(names(), before);
  }

  std::map<std::string, std::string> names() const {
    std::map<std::string, std::string> found;
    for (const auto& entry : fs::directory_iterator{files()}) {
      found[entry.path().filename()] = content_of(entry.path());
    }
    return found;
  }

  testing::store_on_disk store_;
  fs::path manifest_;
  fs::path wal_;
};

TEST_F(durable_ends_of_a_store, reach_the_ends_of_its_files) {
  const std::string kept = content_of(files() / "EXTENTS");
  const std::uint64_t number = manifest_number(manifest_.filename().string());
  EXPECT_TRUE(kept.starts_with("manifest " + std::to_string(number) + " " +
                               std::to_string(fs::file_size(manifest_)) + "\nwal "))
      << kept;
  EXPECT_NE(kept.find(" " + std::to_string(fs::file_size(wal_)) + "\ncrc32c "), std::string::npos)
      << kept;
  EXPECT_GT(fs::file_size(wal_), 0U);
  EXPECT_FALSE(store_.open());
}

TEST_F(durable_ends_of_a_store, a_log_that_is_a_byte_short_is_refused) {
  shorten(wal_);
  expect_refused(wal_.string() + " is damaged: it ends at offset ");
}

TEST_F(durable_ends_of_a_store, a_last_batch_that_is_damaged_is_refused) {
  std::string bytes = content_of(wal_);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  write(wal_, bytes);
  expect_refused(wal_.string() + " is damaged: it ends at offset ");
}

TEST_F(durable_ends_of_a_store, a_log_that_is_gone_is_missed) {
  fs::remove(wal_);
  expect_refused("a log is missing in " + files().string());
}

TEST_F(durable_ends_of_a_store, a_manifest_that_is_a_byte_short_is_refused) {
  shorten(manifest_);
  expect_refused(manifest_.string() + " is damaged: it ends at offset ");
}

TEST_F(durable_ends_of_a_store, a_manifest_that_is_damaged_in_the_middle_is_refused) {
  std::string bytes = content_of(manifest_);
  bytes[4] = static_cast<char>(bytes[4] ^ 0x40);  // a length
  write(manifest_, bytes);
  expect_refused(manifest_.string() + " is damaged at offset 0");
}

TEST_F(durable_ends_of_a_store, a_manifest_of_the_past_is_refused) {
  const std::uint64_t number = manifest_number(manifest_.filename().string());
  const std::string before = "MANIFEST-00000" + std::to_string(number - 1);
  fs::copy_file(manifest_, files() / before);
  write(files() / "CURRENT", before + "\n");
  expect_refused("CURRENT is damaged: it names " + before);
}

TEST_F(durable_ends_of_a_store, a_bad_current_names_itself) {
  for (const std::string& content :
       {std::string{}, std::string{"MANIFEST-000001"}, std::string{"MANIFEST-999999\n"},
        std::string{"something\n"}, "MANIFEST-" + std::string(5'000, '1') + "\n"}) {
    write(files() / "CURRENT", content);
    expect_refused("CURRENT is damaged");
  }
}

TEST_F(durable_ends_of_a_store, bad_ones_are_refused) {
  const std::string kept = content_of(files() / "EXTENTS");
  for (std::size_t at = 0; at < kept.size(); ++at) {
    std::string bytes = kept;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    write(files() / "EXTENTS", bytes);
    expect_refused("EXTENTS is damaged");
    write(files() / "EXTENTS", kept.substr(0, at));
    expect_refused("EXTENTS is damaged");
  }
}

TEST_F(durable_ends_of_a_store, a_store_without_any_opens_and_has_them_then) {
  fs::remove(files() / "EXTENTS");
  ASSERT_FALSE(store_.open());
  EXPECT_TRUE(fs::exists(files() / "EXTENTS"));
}

TEST_F(durable_ends_of_a_store, reading_only_keeps_none) {
  const auto before = content_of(files() / "EXTENTS");
  ASSERT_FALSE(store_.open_read_only());
  store_.close();
  EXPECT_EQ(content_of(files() / "EXTENTS"), before);
}

TEST_F(durable_ends_of_a_store, an_older_log_has_no_torn_tail) {
  std::string bytes = content_of(wal_);
  write(files() / "999999.log", bytes);
  shorten(wal_);
  expect_refused(wal_.string() + " is damaged at offset ");
}

TEST_F(durable_ends_of_a_store, logs_in_the_wrong_order_are_refused) {
  fs::rename(wal_, files() / "999999.log");
  ASSERT_TRUE(fs::copy_file(files() / "999999.log", files() / "999998.log"));
  expect_refused("999999.log is in the wrong place");
}

}  // namespace
}  // namespace factord::storage::durable_ends_test

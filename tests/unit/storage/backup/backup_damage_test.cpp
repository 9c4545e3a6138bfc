// Backups whose files are damaged, missing or half.
#include <fstream>

#include "tests/unit/storage/backup/backup_fixture.hpp"

namespace factord::storage::testing::backup_damage_test {
namespace {

namespace fs = std::filesystem;

void flip_a_bit(const fs::path& file, std::uintmax_t at) {
  std::fstream bytes{file, std::ios::in | std::ios::out | std::ios::binary};
  bytes.seekg(static_cast<std::streamoff>(at));
  const char before = static_cast<char>(bytes.get());
  bytes.seekp(static_cast<std::streamoff>(at));
  bytes.put(static_cast<char>(before ^ 0x10));
}

TEST_F(backups, a_log_that_ends_inside_a_batch_ends_before_it) {
  const backup_entry made = back_up();
  // What a copy finds where a batch takes several writes: the beginning of one.
  add(1);
  const backup_entry longer = back_up();
  fs::path log;
  for (const auto& entry : fs::directory_iterator{dest_ / "private" / "2"}) {
    if (entry.path().extension() == ".log") log = entry.path();
  }
  const auto size = fs::file_size(log);
  const backup_reader reader = read();
  fs::resize_file(log, size - 20);
  backup_entry older = longer;
  older.sequence = made.sequence;
  older.hash = made.hash;
  const auto copy = reader.open_store(older, {});
  ASSERT_TRUE(copy) << copy.error().message;
  EXPECT_EQ(head_of(**copy).sequence, made.sequence);
  // But a backup that is to hold that batch is not whole without it.
  const auto cut = reader.open_store(longer, {});
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, errc::corruption);
  EXPECT_NE(cut.error().message.find("event 2"), std::string::npos) << cut.error().message;
}

TEST_F(backups, another_log_than_the_one_noted_is_found) {
  backup_entry made = back_up();
  made.hash[5] ^= 1U;
  const auto copy = read().open_store(made, {});
  ASSERT_FALSE(copy);
  EXPECT_EQ(copy.error().code, errc::corruption);
}

TEST_F(backups, a_flipped_bit_in_any_file_is_found) {
  add(2'000);
  reopen();
  add(1);
  const backup_entry made = back_up();
  int files = 0;
  for (const fs::path& folder : {dest_ / "private" / "1", dest_ / "shared_checksum"}) {
    for (const auto& entry : fs::directory_iterator{folder}) {
      flip_a_bit(entry.path(), fs::file_size(entry.path()) / 2);
      const auto checked = read().check_files(made.id);
      ASSERT_FALSE(checked) << entry.path();
      EXPECT_EQ(checked.error().code, errc::corruption);
      EXPECT_NE(checked.error().message.find(entry.path().filename()), std::string::npos)
          << checked.error().message;
      flip_a_bit(entry.path(), fs::file_size(entry.path()) / 2);
      ++files;
    }
  }
  EXPECT_GE(files, 6);
  EXPECT_TRUE(read().check_files(made.id));
}

TEST_F(backups, a_damaged_one_is_listed_refused_and_not_added_to) {
  (void)back_up();
  (void)back_up();
  fs::resize_file(dest_ / "meta" / "2", fs::file_size(dest_ / "meta" / "2") / 2);
  {
    const backup_reader reader = read();
    const auto entries = reader.list();
    ASSERT_EQ(entries.size(), 2U);
    EXPECT_FALSE(entries[0].damaged);
    EXPECT_TRUE(entries[1].damaged);
    EXPECT_EQ(reader.find({}).error().code, errc::corruption) << "not silently an older one";
    EXPECT_EQ(reader.find(1)->id, 1U);
  }
  EXPECT_EQ(store_.get().back_up(dest_, go_on).error().code, errc::corruption);
  EXPECT_EQ(read().list().size(), 2U);
}

TEST_F(backups, a_flipped_bit_in_the_list_of_files_changes_nothing_unseen) {
  const backup_entry made = back_up();
  const fs::path meta = dest_ / "meta" / "1";
  for (std::uintmax_t at = 0; at < fs::file_size(meta); ++at) {
    flip_a_bit(meta, at);
    if (const auto reader = backup_reader::open(dest_)) {
      const auto found = reader->find({});
      const bool whole = found && reader->check_files(1) && reader->open_store(*found, {});
      // The time at which it was made is what no checksum covers.
      if (whole) {
        EXPECT_EQ(found->store_id, made.store_id) << at;
        EXPECT_EQ(found->sequence, made.sequence) << at;
        EXPECT_EQ(found->hash, made.hash) << at;
      }
    }
    flip_a_bit(meta, at);
  }
  EXPECT_TRUE(read().check_files(1));
}

TEST_F(backups, a_missing_file_is_damage) {
  (void)back_up();
  fs::remove(dest_ / "private" / "1" / "CURRENT");
  EXPECT_EQ(read().find({}).error().code, errc::corruption);
}

TEST_F(backups, what_was_never_finished_is_no_backup_and_in_nobodys_way) {
  (void)back_up();
  fs::create_directory(dest_ / "private" / "2");
  std::ofstream{dest_ / "private" / "2" / "000009.log"} << "half";
  std::ofstream{dest_ / "shared_checksum" / "000077_s1_5.sst.tmp"} << "half";
  std::ofstream{dest_ / "meta" / ".2.tmp"} << "half";
  EXPECT_EQ(read().list().size(), 1U);
  EXPECT_EQ(back_up().id, 2U);
  const backup_reader reader = read();
  EXPECT_TRUE(reader.check_files(1));
  EXPECT_TRUE(reader.check_files(2));
  EXPECT_FALSE(names_in(dest_ / "private" / "2").contains("000009.log"));
  EXPECT_FALSE(names_in(dest_ / "shared_checksum").contains("000077_s1_5.sst.tmp"));
}

}  // namespace
}  // namespace factord::storage::testing::backup_damage_test

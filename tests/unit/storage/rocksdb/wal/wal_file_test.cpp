// Torn and damaged logs as RocksDB wrote them: cut or refused, and what is left opens.
#include "storage/rocksdb/wal/wal_file.hpp"

#include <gtest/gtest.h>
#include <rocksdb/file_system.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/rocksdb/wal/wal_tail.hpp"
#include "tests/unit/storage/commit/commands.hpp"
#include "tests/unit/storage/engine/engines.hpp"

namespace factord::storage::wal_file_test {
namespace {

namespace fs = std::filesystem;

using testing::append_all;
using testing::store_on_disk;

std::string read_bytes(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void write_bytes(const fs::path& file, std::string_view bytes) {
  std::ofstream out{file, std::ios::binary | std::ios::trunc};
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::uint64_t last_sequence(engine& store) {
  return testing::read<events_answer>([&](auto done) { store.read_events(0, 0, std::move(done)); })
      .head.sequence;
}

/// What a kill leaves of a store whose newest WAL holds a few batches of one event each, one of
/// them of more than two blocks. The WAL is kept, to be put back with other bytes.
class wal_file : public ::testing::Test {
 protected:
  wal_file() {
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      event_record event = testing::human_added(std::to_string(i));
      event.mutable_payload()->set_email(std::string(sizes[i], 'e'));
      if (!append_all(store_.get(), {event})) throw std::runtime_error{"no batch"};
      // The file goes on with zeros (prewritten_wal) until it is closed.
      ends_.push_back(judge_wal_tail(read_bytes(wal())).offset);
    }
    file_ = wal();
    whole_ = read_bytes(file_).substr(0, ends_.back());
    // Before it is closed: a closed store knows where its log ends
    // (storage/rocksdb/wal/durable_ends.hpp).
    fs::copy(store_.files(), saved_.path() / "store", fs::copy_options::recursive);
  }

  fs::path wal() const {
    fs::path found;
    for (const auto& entry : fs::directory_iterator{store_.files()}) {
      if (entry.path().extension() == ".log") found = std::max(found, entry.path());
    }
    return found;
  }

  /// The killed store again, with these bytes in its WAL.
  void restore(std::string_view bytes) {
    store_.close();
    fs::remove_all(store_.files());
    fs::copy(saved_.path() / "store", store_.files(), fs::copy_options::recursive);
    write_bytes(file_, bytes);
  }

  /// How many batches end at or before this offset.
  std::uint64_t batches_before(std::size_t offset) const {
    std::uint64_t whole = 0;
    while (whole < ends_.size() && ends_[whole] <= offset) ++whole;
    return whole;
  }

  /// Where the batch with this index begins.
  std::size_t begin_of(std::size_t batch) const { return batch == 0 ? 0 : ends_[batch - 1]; }

  const std::vector<std::size_t> sizes{10, 200, 70'000, 30, 40};

  store_on_disk store_;
  temp_directory saved_;
  std::vector<std::size_t> ends_;
  fs::path file_;
  std::string whole_;
};

TEST_F(wal_file, a_log_of_rocksdb_is_clean) {
  ASSERT_EQ(ends_.back(), whole_.size());
  EXPECT_EQ(judge_wal_tail(whole_), (wal_tail_verdict{wal_end::clean, whole_.size()}));
}

TEST_F(wal_file, every_truncation_is_clean_or_torn_at_the_batch_it_cuts) {
  for (std::size_t size = begin_of(1); size <= whole_.size(); ++size) {
    // Deep inside the large batch one place is as good as the next.
    const std::size_t in_block = size % 32'768;
    const bool deep =
        size > begin_of(2) + 50 && size + 50 < ends_[2] && in_block > 50 && in_block < 32'718;
    if (deep && size % 331 != 0) continue;
    const auto verdict = judge_wal_tail(std::string_view{whole_}.substr(0, size));
    const std::uint64_t whole = batches_before(size);
    const std::size_t end = ends_[whole - 1];
    // A rest of a block that is too short for a header is skipped, so it may belong to either side.
    const bool padding = verdict.end == wal_end::clean && size - end < 7;
    if (size != end && !padding) {
      ASSERT_EQ(static_cast<int>(verdict.end), static_cast<int>(wal_end::torn)) << size;
      ASSERT_EQ(batches_before(verdict.offset), whole) << size;
    } else {
      ASSERT_EQ(static_cast<int>(verdict.end), static_cast<int>(wal_end::clean)) << size;
    }
  }
}

TEST_F(wal_file, a_truncated_log_opens_with_exactly_the_batches_before) {
  std::vector<std::size_t> cuts;
  for (std::size_t i = 1; i < ends_.size(); ++i) {
    for (const std::size_t cut : {ends_[i - 1] + 3, ends_[i - 1] + 9, ends_[i] - 1, ends_[i]}) {
      cuts.push_back(cut);
    }
  }
  for (std::size_t block = 32'768; block < ends_[2]; block += 32'768) {
    for (const std::size_t cut : {block - 1, block, block + 3, block + 8}) cuts.push_back(cut);
  }
  for (const std::size_t cut : cuts) {
    restore(std::string_view{whole_}.substr(0, cut));
    const auto failure = store_.open();
    ASSERT_FALSE(failure) << cut << ": " << failure->message;
    ASSERT_EQ(last_sequence(store_.get()), batches_before(cut)) << cut;
    ASSERT_TRUE(append_all(store_.get(), {testing::human_added("after")})) << cut;
  }
}

TEST_F(wal_file, a_flip_in_the_last_batch_is_cut_and_told) {
  const std::size_t begin = begin_of(ends_.size() - 1);
  for (std::size_t at = begin; at < whole_.size(); at += 5) {
    std::string bytes = whole_;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x20);
    restore(bytes);
    const auto failure = store_.open();
    ASSERT_FALSE(failure) << at << ": " << failure->message;
    ASSERT_EQ(last_sequence(store_.get()), ends_.size() - 1) << at;
    ASSERT_FALSE(store_.notices.empty()) << at;
    EXPECT_NE(store_.notices[0].find("cut " + std::to_string(whole_.size() - begin) + " bytes"),
              std::string::npos)
        << store_.notices[0];
  }
}

TEST_F(wal_file, a_flip_before_it_is_refused_and_changes_nothing) {
  const std::size_t last_begin = begin_of(ends_.size() - 1);
  std::vector<std::size_t> places;
  for (std::size_t at = 0; at < last_begin; at += at < begin_of(2) ? 7 : 4001) places.push_back(at);
  for (const std::size_t at : places) {
    std::string bytes = whole_;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x01);
    // The rest of a block that no record uses may change: nothing reads it.
    if (judge_wal_tail(bytes).end == wal_end::clean) continue;
    restore(bytes);
    const auto failure = store_.open();
    ASSERT_TRUE(failure) << at;
    EXPECT_EQ(failure->code, errc::corruption) << failure->message;
    EXPECT_NE(failure->message.find(file_.filename().string()), std::string::npos);
    EXPECT_NE(failure->message.find("offset"), std::string::npos);
    EXPECT_EQ(read_bytes(file_), bytes) << at;
  }
}

TEST_F(wal_file, a_torn_batch_of_several_blocks_goes_as_a_whole) {
  // Its end is there, its middle is not: a power cut may write blocks in any order.
  std::string bytes = whole_.substr(0, ends_[2]);
  const std::size_t second_block = (begin_of(2) / 32'768 + 1) * 32'768;
  bytes.replace(second_block, 32'768, std::string(32'768, '\0'));
  restore(bytes);
  const auto failure = store_.open();
  ASSERT_FALSE(failure) << failure->message;
  EXPECT_EQ(last_sequence(store_.get()), 2U);
}

TEST_F(wal_file, zeros_that_were_allocated_ahead_are_no_damage) {
  restore(whole_ + std::string(100'000, '\0'));
  const auto failure = store_.open();
  ASSERT_FALSE(failure) << failure->message;
  EXPECT_EQ(last_sequence(store_.get()), ends_.size());
}

TEST_F(wal_file, reading_only_leaves_a_torn_tail_out_and_in_place) {
  std::string bytes = whole_;
  bytes.back() = static_cast<char>(bytes.back() ^ 0x20);
  restore(bytes);
  const auto failure = store_.open_read_only();
  ASSERT_FALSE(failure) << failure->message;
  EXPECT_EQ(last_sequence(store_.get()), ends_.size() - 1);
  EXPECT_EQ(read_bytes(file_), bytes);
  ASSERT_FALSE(store_.notices.empty());
  EXPECT_NE(store_.notices[0].find("left out"), std::string::npos);
}

/// The machine's disks, with bad sectors from an offset on in files of this name.
class bad_sectors final : public rocksdb::FileSystemWrapper {
 public:
  bad_sectors(std::string name, std::uint64_t from)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), name_(std::move(name)), from_(from) {}
  const char* Name() const override { return "bad sectors"; }

  rocksdb::IOStatus NewRandomAccessFile(const std::string& path,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* made,
                                        rocksdb::IODebugContext* context) override {
    auto opened = FileSystemWrapper::NewRandomAccessFile(path, options, made, context);
    if (opened.ok() && fs::path{path}.filename() == name_) {
      *made = std::make_unique<bad_file>(std::move(*made), from_);
    }
    return opened;
  }

 private:
  class bad_file final : public rocksdb::FSRandomAccessFileOwnerWrapper {
   public:
    bad_file(std::unique_ptr<rocksdb::FSRandomAccessFile> file, std::uint64_t from)
        : FSRandomAccessFileOwnerWrapper(std::move(file)), from_(from) {}
    rocksdb::IOStatus Read(std::uint64_t offset, std::size_t size,
                           const rocksdb::IOOptions& options, rocksdb::Slice* read, char* scratch,
                           rocksdb::IODebugContext* context) const override {
      if (offset + size > from_) {
        return rocksdb::IOStatus::IOError("bad sector at offset " + std::to_string(offset));
      }
      return FSRandomAccessFileOwnerWrapper::Read(offset, size, options, read, scratch, context);
    }

   private:
    const std::uint64_t from_;
  };

  const std::string name_;
  const std::uint64_t from_;
};

TEST_F(wal_file, that_cannot_be_read_is_refused_with_its_place_and_unchanged) {
  std::string bytes = whole_;
  bytes.back() = static_cast<char>(bytes.back() ^ 0x20);
  restore(bytes);
  store_.options.files =
      std::make_shared<bad_sectors>(file_.filename().string(), bytes.size() - 10);
  for (const bool read_only : {true, false}) {
    const auto failure = read_only ? store_.open_read_only() : store_.open();
    ASSERT_TRUE(failure) << "nobody has read it";
    EXPECT_EQ(failure->code, errc::io_error);
    EXPECT_NE(failure->message.find("bad sector at offset"), std::string::npos) << failure->message;
    EXPECT_EQ(read_bytes(file_), bytes);
  }
}

TEST_F(wal_file, in_pieces_is_judged_as_a_whole) {
  // Longer than what is read at a time, and so that its batches lie across the pieces.
  std::string log;
  while (log.size() < (3U << 20U)) log += whole_.substr(0, begin_of(3)).append(7, '\0');
  const auto expect_the_same = [&](const std::string& bytes) {
    restore(bytes);
    const auto judged = judge_log(*rocksdb::FileSystem::Default(), file_);
    ASSERT_TRUE(judged) << judged.error().message;
    EXPECT_EQ(judged->verdict, judge_wal_tail(bytes));
    EXPECT_EQ(judged->size, bytes.size());
  };
  for (const std::size_t size : {1U << 20U, (1U << 20U) + 1, 2U << 20U, 3U << 20U}) {
    expect_the_same(log.substr(0, size));
    expect_the_same(whole_ + std::string(size, '\0'));
    expect_the_same(whole_ + "x" + std::string(size, '\0'));
    expect_the_same(whole_.substr(0, ends_[2] - 1) + std::string(size, '\0'));
    expect_the_same("x" + std::string(size, '\0') + whole_);
  }
}

TEST_F(wal_file, a_directory_without_a_log_has_no_tail) {
  const temp_directory empty;
  const auto found = find_torn_tail(*rocksdb::FileSystem::Default(), empty.path());
  ASSERT_TRUE(found);
  EXPECT_FALSE(*found);
  EXPECT_EQ(find_torn_tail(*rocksdb::FileSystem::Default(), empty.path() / "missing").error().code,
            errc::io_error);
}

}  // namespace
}  // namespace factord::storage::wal_file_test

// Every end that a power cut can leave of a log is cut where the last batch begins, and every bit
// that flips in a batch before that is damage: what storage/rocksdb/wal/wal_tail.hpp argues, tried.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "storage/rocksdb/wal/crc32c.hpp"
#include "storage/rocksdb/wal/wal_tail.hpp"

namespace factord::storage::wal_tail_exhaustive_test {
namespace {

constexpr std::size_t block_bytes = 32'768;
constexpr std::size_t header_bytes = 7;
constexpr std::size_t sector_bytes = 512;

enum type : unsigned { full = 1, first, middle, last };

std::string record(unsigned type, std::string_view payload) {
  std::string summed(1, static_cast<char>(type));
  summed += payload;
  const std::uint32_t sum = mask_crc32c(crc32c(summed));
  std::string bytes;
  for (unsigned shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(sum >> shift);
  bytes += static_cast<char>(payload.size());
  bytes += static_cast<char>(payload.size() >> 8U);
  return bytes + summed;
}

/// A log as RocksDB writes it, and where its batches begin.
struct log {
  std::string bytes;
  std::vector<std::size_t> begins;

  void add(std::string_view changes) {
    std::string batch(12, '\0');
    batch[0] = static_cast<char>(begins.size() + 1);  // its number, and how many changes
    batch[8] = 1;
    batch += changes;
    pad();
    begins.push_back(bytes.size());
    std::string_view left = batch;
    for (bool begun = false;; begun = true) {
      pad();
      const auto part = left.substr(0, block_bytes - bytes.size() % block_bytes - header_bytes);
      left.remove_prefix(part.size());
      const bool ends = left.empty();
      bytes += record(begun ? (ends ? last : middle) : (ends ? full : first), part);
      if (ends) return;
    }
  }

  [[nodiscard]] std::size_t last_begin() const { return begins.back(); }

 private:
  /// No record begins where its header has no room.
  void pad() {
    const std::size_t room = block_bytes - bytes.size() % block_bytes;
    if (room < header_bytes) bytes.append(room, '\0');
  }
};

std::string text(std::size_t size) {
  std::string made;
  for (std::size_t i = 0; i < size; ++i) made += static_cast<char>('a' + i * 7 % 26);
  return made;
}

bool all_zero(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

/// A log that ends, `room` bytes before a block does, with a whole batch; without one for 0.
log log_before(std::size_t room) {
  log made;
  if (room > 0) made.add(text(block_bytes - room - header_bytes - 12));
  return made;
}

/// What is left of a log, whose last batch was not synced, is cut where that begins.
void expect_cut(std::string_view left, std::size_t begin) {
  const auto told = judge_wal_tail(left);
  const bool nothing = all_zero(left.substr(std::min(begin, left.size())));
  ASSERT_EQ(static_cast<int>(told.end), static_cast<int>(nothing ? wal_end::clean : wal_end::torn))
      << "begins at " << begin << ", " << left.size() << " bytes left";
  // Padding before it belongs to neither side.
  ASSERT_LE(told.offset, std::max(begin, left.size()));
  ASSERT_TRUE(told.offset == begin || all_zero(left.substr(std::min(told.offset, begin))));
}

/// Ends of logs that matter: the last batch stands anywhere in a block, and is of any length.
std::vector<log> torn_candidates() {
  std::vector<log> made;
  for (const std::size_t room : {0, 1, 6, 7, 8, 18, 19, 20, 100, 512, 700, 5000}) {
    for (const std::size_t size : {0, 1, 300, 1'200, 40'000, 70'000}) {
      made.push_back(log_before(room));
      made.back().add(text(size));
    }
  }
  return made;
}

/// Each byte near the ends of records, sectors and the batch; deep inside, one is as good as the
/// next.
std::size_t next_cut(std::size_t cut, std::size_t begin, std::size_t end) {
  constexpr std::size_t near = 24;
  const std::size_t in_block = cut % block_bytes;
  const bool deep =
      cut > begin + 1'500 && cut + near < end && in_block > near && in_block + near < block_bytes;
  return cut + (deep ? 61 : 1);
}

TEST(every_torn_end, cut_at_any_byte_goes) {
  std::size_t tried = 0;
  for (const log& one : torn_candidates()) {
    const std::size_t begin = one.last_begin();
    const std::size_t end = one.bytes.size();
    for (std::size_t cut = begin; cut < end; cut = next_cut(cut, begin, end)) {
      std::string left = one.bytes.substr(0, cut);
      expect_cut(left, begin);
      left.append(end - cut + 100, '\0');  // as it was written ahead
      // A batch that itself ends with zeros may be whole like that.
      if (!left.starts_with(one.bytes)) expect_cut(left, begin);
      if (HasFatalFailure()) return;
      tried += 2;
    }
    ASSERT_EQ(judge_wal_tail(one.bytes), (wal_tail_verdict{wal_end::clean, end}));
  }
  std::printf("%zu torn ends cut\n", tried);
}

TEST(every_torn_end, of_which_any_sectors_are_there_goes) {
  constexpr std::size_t sectors = 10;
  std::size_t tried = 0;
  for (const std::size_t before : {0, 1, 200, 500, 505, 511, 512, 513}) {
    log one;
    if (before > 0) one.add(text(sector_bytes + before));
    const std::size_t begin = one.bytes.size();
    one.add(text((sectors - 2) * sector_bytes + 200));
    const std::size_t first_sector = begin / sector_bytes;
    for (unsigned there = 0; there < 1U << sectors; ++there) {
      std::string left = one.bytes;
      for (std::size_t at = begin; at < left.size(); ++at) {
        if ((there >> (at / sector_bytes - first_sector) & 1U) == 0) left[at] = '\0';
      }
      if (left == one.bytes) continue;
      expect_cut(left, begin);
      if (HasFatalFailure()) return;
      ++tried;
    }
  }
  std::printf("%zu scattered ends cut\n", tried);
}

/// The batch that a byte belongs to; nothing for padding.
std::size_t batch_of(const log& one, std::size_t at) {
  const auto after = std::upper_bound(one.begins.begin(), one.begins.end(), at);
  return static_cast<std::size_t>(after - one.begins.begin()) - 1;
}

bool is_padding(const log& one, std::size_t at) {
  // No batch of these tests has so many zeros in it anywhere else.
  return one.bytes[at] == '\0' && block_bytes - at % block_bytes < header_bytes;
}

/// Every bit of every batch but the last. Returns how many.
std::size_t flip_everywhere(const log& one) {
  std::size_t tried = 0;
  std::string bytes = one.bytes;
  for (std::size_t at = 0; at < one.last_begin(); at = next_cut(at, 0, one.last_begin())) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      const char whole = bytes[at];
      bytes[at] = static_cast<char>(static_cast<unsigned char>(whole) ^ 1U << bit);
      const auto told = judge_wal_tail(bytes);
      bytes[at] = whole;
      ++tried;
      const wal_tail_verdict damaged{wal_end::damaged, one.begins[batch_of(one, at)]};
      const wal_tail_verdict clean{wal_end::clean, bytes.size()};
      EXPECT_EQ(told, is_padding(one, at) ? clean : damaged) << "bit " << bit << " of byte " << at;
      if (::testing::Test::HasFailure()) return tried;
    }
  }
  return tried;
}

TEST(every_flip, in_a_synced_batch_is_damage) {
  std::vector<log> logs(1);
  for (const std::size_t size : {0, 1, 5, 30, 243, 244, 245, 600, 3'000, 0, 1}) {
    logs[0].add(text(size));
  }
  for (const std::size_t room : {1, 6, 7, 8, 18, 19, 20, 700}) {
    logs.push_back(log_before(room));
    logs.back().add(text(room % 2 == 0 ? 50 : 40'000));
    logs.back().add(text(10));
  }
  std::size_t tried = 0;
  for (const log& one : logs) {
    tried += flip_everywhere(one);
    if (HasFailure()) return;
  }
  std::printf("%zu flips refused\n", tried);
}

/// A log whose last batch, torn, holds these bytes as the text of a client.
std::string torn_around(const std::string& bytes) {
  log made;
  made.add(text(100));
  made.add(text(50) + bytes + text(50));
  made.bytes.back() = '\0';
  return made.bytes;
}

TEST(a_record_in_a_text, is_no_batch) {
  // A length above 255, so that there is no zero in its header either.
  const std::string crafted = record(full, text(257));
  ASSERT_EQ(crafted.find('\0'), std::string::npos);
  EXPECT_EQ(judge_wal_tail(torn_around(crafted)).end, wal_end::torn);
  EXPECT_EQ(judge_wal_tail(torn_around(crafted), log_content::anything).end, wal_end::damaged);
}

TEST(a_record_in_a_text, that_begins_as_a_batch_does_is_not_cut) {
  // Refused texts (they hold U+0000) could do that. The answer is the one that loses nothing.
  std::string payload = text(257);
  payload[7] = payload[11] = '\0';
  EXPECT_EQ(judge_wal_tail(torn_around(record(full, payload))).end, wal_end::damaged);
}

}  // namespace
}  // namespace factord::storage::wal_tail_exhaustive_test

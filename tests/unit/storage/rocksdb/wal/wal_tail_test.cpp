// Logs made by hand; those that RocksDB wrote are in wal_file_test.cpp.
#include "storage/rocksdb/wal/wal_tail.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "storage/rocksdb/wal/crc32c.hpp"

namespace factord::storage::wal_tail_test {
namespace {

enum type : unsigned {
  full = 1,
  first,
  middle,
  last,
  re_full,
  re_first,
  re_middle,
  re_last,
  compression
};

/// One record as RocksDB lays it out.
std::string record(unsigned type, std::string payload, std::string_view log_number = "\1\1\1\1") {
  std::string summed(1, static_cast<char>(type));
  if (type >= re_full && type <= re_last) summed += log_number;
  const std::size_t length = payload.size();
  summed += payload;
  const std::uint32_t sum = mask_crc32c(crc32c(summed));
  std::string bytes;
  for (unsigned shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(sum >> shift);
  bytes += static_cast<char>(length);
  bytes += static_cast<char>(length >> 8U);
  return bytes + summed;
}

std::string bad(std::string bytes) {
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  return bytes;
}

std::string zeros(std::size_t count) { return std::string(count, '\0'); }

// Fills a block to its end but for `left` bytes.
std::string block_but(std::size_t left) {
  return record(full, std::string(32'768 - 7 - left, 'p'));
}

struct wal_case {
  std::string name;
  std::string bytes;
  wal_tail_verdict expected;
};

const std::string a = record(full, "aaaa");  // 11 bytes
const std::string b = record(full, "bbbb");

const std::vector<wal_case> cases{
    {"empty", "", {wal_end::clean, 0}},
    {"only_zeros", zeros(100'000), {wal_end::clean, 0}},
    {"whole_records", a + b, {wal_end::clean, 22}},
    {"an_empty_record", a + record(full, ""), {wal_end::clean, 18}},
    {"zeros_after_the_last", a + zeros(70'000), {wal_end::clean, 11}},
    {"a_few_zeros_after_the_last", a + zeros(3), {wal_end::clean, 11}},
    {"zeros_and_then_a_batch", a + zeros(50) + b, {wal_end::damaged, 11}},
    {"zeros_and_then_a_middle", a + zeros(50) + record(middle, "m"), {wal_end::torn, 11}},
    {"zeros_and_then_a_byte", a + zeros(50) + "x", {wal_end::torn, 11}},
    {"fragments",
     record(first, "1") + record(middle, "2") + record(last, "3"),
     {wal_end::clean, 24}},
    {"first_alone", a + record(first, "1"), {wal_end::torn, 11}},
    {"first_and_middle", a + record(first, "1") + record(middle, "2"), {wal_end::torn, 11}},
    {"first_and_zeros", a + record(first, "1") + zeros(99), {wal_end::torn, 11}},
    {"first_and_bad_middle_and_last",
     a + record(first, "1") + bad(record(middle, "2")) + record(last, "3"),
     {wal_end::torn, 11}},
    {"first_and_bad_middle_and_a_batch",
     a + record(first, "1") + bad(record(middle, "2")) + b,
     {wal_end::damaged, 11}},
    {"first_and_a_whole_batch", a + record(first, "1") + b, {wal_end::damaged, 11}},
    {"first_and_first",
     a + record(first, "1") + record(first, "1") + record(last, "2"),
     {wal_end::damaged, 11}},
    {"middle_without_first", a + record(middle, "2"), {wal_end::torn, 11}},
    {"last_without_first_and_a_batch", a + record(last, "2") + b, {wal_end::damaged, 11}},
    {"bad_last", a + bad(b), {wal_end::torn, 11}},
    {"bad_first", bad(a) + b, {wal_end::damaged, 0}},
    {"bad_only", bad(a), {wal_end::torn, 0}},
    {"bad_length_hides_the_next", a.substr(0, 4) + "\xFF" + a.substr(5) + b, {wal_end::damaged, 0}},
    {"garbage_at_the_end", a + "some bytes that are no record", {wal_end::torn, 11}},
    {"header_cut", a + b.substr(0, 5), {wal_end::torn, 11}},
    {"payload_cut", a + b.substr(0, 9), {wal_end::torn, 11}},
    {"recyclable",
     record(re_full, "1") + record(re_first, "2") + record(re_last, "3"),
     {wal_end::clean, 36}},
    {"recyclable_torn", record(re_full, "1") + bad(record(re_full, "2")), {wal_end::torn, 12}},
    {"recyclable_damaged",
     bad(record(re_full, "1")) + record(re_first, "2"),
     {wal_end::damaged, 0}},
    {"compression_type_first", record(compression, "\1\0\0\0") + a, {wal_end::clean, 19}},
    {"a_type_of_the_future", a + record(10, "x"), {wal_end::damaged, 11}},
    {"no_room_for_a_header", block_but(6) + zeros(6) + a, {wal_end::clean, 32'768 + 11}},
    {"no_room_and_not_zero", block_but(6) + "abcdef" + a, {wal_end::clean, 32'768 + 11}},
    {"no_room_and_the_end", block_but(6) + zeros(2), {wal_end::clean, 32'764}},
    {"no_room_for_a_recyclable_header",
     record(re_full, std::string(32'768 - 11 - 9, 'p')) + zeros(9) + record(re_full, "1"),
     {wal_end::clean, 32'768 + 12}},
    {"room_for_an_empty_record",
     block_but(7) + record(first, "") + record(last, "x"),
     {wal_end::clean, 32'768 + 8}},
    {"past_the_end_of_its_block", block_but(8) + record(full, "xx"), {wal_end::torn, 32'760}},
    {"second_block_bad", block_but(0) + bad(a) + b, {wal_end::damaged, 32'768}},
};

class wal_tail : public ::testing::TestWithParam<wal_case> {};

TEST_P(wal_tail, is_judged) {
  const wal_tail_verdict verdict = judge_wal_tail(GetParam().bytes);
  EXPECT_EQ(static_cast<int>(verdict.end), static_cast<int>(GetParam().expected.end));
  EXPECT_EQ(verdict.offset, GetParam().expected.offset);
}

INSTANTIATE_TEST_SUITE_P(logs, wal_tail, ::testing::ValuesIn(cases),
                         [](const auto& test) { return test.param.name; });

TEST(crc32c, gives_the_published_vectors) {
  // RFC 3720, appendix B.4.
  std::string ascending;
  for (char byte = 0; byte < 32; ++byte) ascending += byte;
  EXPECT_EQ(crc32c(zeros(32)), 0x8A9136AAU);
  EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43U);
  EXPECT_EQ(crc32c(ascending), 0x46DD794EU);
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
}

TEST(crc32c, the_instruction_and_the_table_agree) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    ASSERT_EQ(crc32c(bytes), crc32c_portable(bytes)) << i;
    bytes += static_cast<char>(i * 37);
  }
}

}  // namespace
}  // namespace factord::storage::wal_tail_test

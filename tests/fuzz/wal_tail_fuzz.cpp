// The end of a write-ahead log. The input is a script: it writes a log of whole batches, as RocksDB
// would, and then says what happened to it. A log that a power cut shortened is cut to the last
// whole batch, never further; a bad byte in a batch that another follows is never cut away.

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "storage/base/check.hpp"
#include "storage/rocksdb/wal/crc32c.hpp"
#include "storage/rocksdb/wal/wal_tail.hpp"
#include "tests/fuzz/input.hpp"

namespace factord::storage {
namespace {

constexpr std::size_t block_size = 32U << 10U;
constexpr std::size_t header_size = 7;

struct batch {
  std::size_t begin;
  std::size_t end;
};

/// Writes batches as RocksDB does, and remembers where each stands.
class log_writer {
 public:
  void add(std::string_view changes) {
    // Its number and its count, then what it changes.
    std::string whole(12, '\0');
    whole[0] = static_cast<char>(batches_.size() + 1);
    whole[8] = 1;
    whole += changes;
    std::string_view payload = whole;
    const std::size_t left = block_size - bytes_.size() % block_size;
    if (left < header_size) bytes_.append(left, '\0');
    const std::size_t begin = bytes_.size();
    bool first = true;
    do {
      if (block_size - bytes_.size() % block_size < header_size) {
        bytes_.append(block_size - bytes_.size() % block_size, '\0');
      }
      const std::size_t room = block_size - bytes_.size() % block_size - header_size;
      const std::string_view part = payload.substr(0, room);
      payload.remove_prefix(part.size());
      const bool last = payload.empty();
      const char type = first ? (last ? 1 : 2) : (last ? 4 : 3);
      add_record(type, part);
      first = false;
    } while (!payload.empty());
    batches_.push_back({begin, bytes_.size()});
  }

  const std::string& bytes() const { return bytes_; }
  const std::vector<batch>& batches() const { return batches_; }

 private:
  void add_record(char type, std::string_view payload) {
    std::string summed(1, type);
    summed += payload;
    const std::uint32_t sum = mask_crc32c(crc32c(summed));
    for (unsigned shift = 0; shift < 32; shift += 8) bytes_ += static_cast<char>(sum >> shift);
    bytes_ += static_cast<char>(payload.size());
    bytes_ += static_cast<char>(payload.size() >> 8U);
    bytes_ += summed;
  }

  std::string bytes_;
  std::vector<batch> batches_;
};

void check_any(std::string_view bytes) {
  const wal_tail_verdict told = judge_wal_tail(bytes);
  FACTORD_CHECK(told.offset <= bytes.size());
  if (told.end == wal_end::damaged) return;
  const wal_tail_verdict kept{wal_end::clean, told.offset};
  FACTORD_CHECK(judge_wal_tail(bytes.substr(0, told.offset)) == kept);
  if (told.end == wal_end::clean) {
    FACTORD_CHECK(bytes.substr(told.offset).find_first_not_of('\0') == std::string_view::npos);
  }
}

// Where the last batch ends of which all is left; zeros that were written ahead may be its own.
std::size_t whole_batches(const log_writer& log, std::string_view left) {
  std::size_t end = 0;
  for (const batch& one : log.batches()) {
    if (left.starts_with(std::string_view(log.bytes()).substr(0, one.end))) end = one.end;
  }
  return end;
}

// What a power cut leaves: a prefix, with zeros that were written ahead, or with bytes of the last
// write that came out wrong.
void check_torn(const log_writer& log, fuzz::cursor& in) {
  const std::size_t place = in.number(3);
  const std::size_t cut = log.bytes().empty() ? 0 : place % (log.bytes().size() + 1);
  std::string left = log.bytes().substr(0, cut);
  left.append(in.byte() * 16U, '\0');
  const std::size_t whole = whole_batches(log, left);
  const wal_tail_verdict told = judge_wal_tail(left);
  FACTORD_CHECK(told.end != wal_end::damaged);
  // Zeros that fill up a block belong to no batch: a verdict may stand on either side of them.
  FACTORD_CHECK(told.offset >= whole);
  FACTORD_CHECK(told.end == wal_end::clean
                    ? left.find_first_not_of('\0', whole) == std::string::npos
                    : left.find_first_not_of('\0', whole) >= told.offset);
}

// One bad byte in a batch that was synced, for others follow.
void check_damaged(const log_writer& log, fuzz::cursor& in) {
  if (log.batches().size() < 2) return;
  const batch& hit = log.batches()[in.byte() % (log.batches().size() - 1)];
  const std::size_t place = in.number(2);
  std::string bad = log.bytes();
  char& byte = bad[hit.begin + place % (hit.end - hit.begin)];
  byte = static_cast<char>(byte ^ std::max<std::uint8_t>(in.byte(), 1));
  FACTORD_CHECK(judge_wal_tail(bad).end != wal_end::torn);
}

void check(std::string_view input) {
  check_any(input);
  fuzz::cursor in(input);
  log_writer log;
  const std::size_t count = in.byte() % 6;
  for (std::size_t i = 0; i < count; ++i) {
    constexpr std::array<std::size_t, 4> units = {1, 16, 256, 600};
    const std::size_t unit = units[in.byte() % units.size()];
    log.add(std::string(in.byte() * unit, static_cast<char>(in.byte())));
  }
  const wal_tail_verdict all{wal_end::clean, log.bytes().size()};
  FACTORD_CHECK(judge_wal_tail(log.bytes()) == all);
  check_torn(log, in);
  check_damaged(log, in);
  check_any(log.bytes() + std::string(in.rest()));
}

}  // namespace
}  // namespace factord::storage

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  factord::storage::check(factord::fuzz::as_text(data, size));
  return 0;
}

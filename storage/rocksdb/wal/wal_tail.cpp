#include "storage/rocksdb/wal/wal_tail.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "storage/base/check.hpp"
#include "storage/rocksdb/wal/crc32c.hpp"

namespace factord::storage {

namespace {

constexpr std::size_t block_size = wal_tail_judge::block_bytes;
constexpr std::size_t header_size = 7;
constexpr std::size_t recyclable_header_size = 11;
constexpr std::size_t type_offset = 6;  // where the checksummed bytes begin

// The types that RocksDB 7.8 writes.
enum record_type : unsigned {
  full = 1,
  first = 2,
  middle = 3,
  last = 4,
  recyclable_full = 5,
  recyclable_last = 8,
  set_compression = 9,
};

/// A record whose checksum is right.
struct record {
  unsigned type;  ///< recyclable types as their plain ones
  bool recyclable;
  std::string_view payload;
  std::size_t end;
};

unsigned byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

std::uint32_t read_u32(std::string_view bytes, std::size_t at) {
  return byte_at(bytes, at) | byte_at(bytes, at + 1) << 8U | byte_at(bytes, at + 2) << 16U |
         byte_at(bytes, at + 3) << 24U;
}

std::size_t left_in_block(std::size_t at) { return block_size - at % block_size; }

bool all_zero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; });
}

std::optional<record> record_at(std::string_view bytes, std::size_t at) {
  const std::size_t room = std::min(left_in_block(at), bytes.size() - at);
  if (room < header_size) return std::nullopt;
  const unsigned type = byte_at(bytes, at + type_offset);
  if (type == 0) return std::nullopt;  // zeros, and never the type of a record

  const bool recyclable = type >= recyclable_full && type <= recyclable_last;
  const std::size_t payload = byte_at(bytes, at + 4) | byte_at(bytes, at + 5) << 8U;
  const std::size_t header = recyclable ? recyclable_header_size : header_size;
  const std::size_t size = header + payload;
  if (size > room) return std::nullopt;
  const std::uint32_t sum = crc32c(bytes.substr(at + type_offset, size - type_offset));
  if (mask_crc32c(sum) != read_u32(bytes, at)) return std::nullopt;
  return record{.type = recyclable ? type - recyclable_full + full : type,
                .recyclable = recyclable,
                .payload = bytes.substr(at + header, payload),
                .end = at + size};
}

/// Whether a batch may begin so: with its first change's number (8 bytes, little-endian, below
/// 2^56) and how many there are (4, below 2^24). Text has no zeros, so it cannot.
bool like_batch(std::string_view payload) {
  constexpr std::size_t number_top = 7;
  constexpr std::size_t count_top = 11;
  return (payload.size() <= number_top || payload[number_top] == '\0') &&
         (payload.size() <= count_top || payload[count_top] == '\0');
}

/// True where a batch, or another beginning, stands at or after `at`.
bool more_follows(std::string_view bytes, std::size_t at, log_content content) {
  for (; at + header_size <= bytes.size(); ++at) {
    // Most offsets are told by the type byte alone.
    const unsigned type = byte_at(bytes, at + type_offset);
    if (type == 0 || type > set_compression) continue;
    const auto found = record_at(bytes, at);
    if (!found || (found->type != full && found->type != first)) continue;
    if (content == log_content::anything || like_batch(found->payload)) return true;
  }
  return false;
}

/// Whether a record of this type may come next, within an open batch (one with a FIRST) or outside.
bool in_order(unsigned type, bool batch_open) {
  return batch_open == (type == middle || type == last);
}

}  // namespace

void wal_tail_judge::take(std::string_view piece) {
  FACTORD_CHECK(begin_ % block_bytes == 0);
  if (bad_) {
    look_behind(piece, 0);
  } else {
    walk(piece);
  }
  begin_ += piece.size();
}

void wal_tail_judge::walk(std::string_view piece) {
  std::size_t at = 0;
  while (at < piece.size()) {
    const auto found = record_at(piece, at);
    if (found && found->type > set_compression) {
      bad_ = {wal_end::damaged, begin_ + at};
      return;
    }
    if (found && in_order(found->type, batch_.has_value())) {
      if (found->type == first) batch_ = begin_ + at;
      if (found->type == last) batch_.reset();
      recyclable_ = found->recyclable;
      at = found->end;
      continue;
    }
    // Too short a rest for a header holds no record: the next one is in the next block.
    const std::size_t left = left_in_block(at);
    const std::size_t header = recyclable_ ? recyclable_header_size : header_size;
    if (!found && left < header) {
      at += std::min(left, piece.size() - at);
      continue;
    }
    // Zeros, and so they are nothing, if all that follows is zeros too.
    const bool may_be_end = !found && !batch_;
    bad_ = {may_be_end ? wal_end::clean : wal_end::torn, batch_.value_or(begin_ + at)};
    return look_behind(piece, at);
  }
}

/// Behind the first bad record.
void wal_tail_judge::look_behind(std::string_view piece, std::size_t at) {
  if (bad_->end == wal_end::damaged) return;
  if (bad_->end == wal_end::clean && all_zero(piece.substr(at))) return;
  bad_->end = more_follows(piece, at, content_) ? wal_end::damaged : wal_end::torn;
}

wal_tail_verdict wal_tail_judge::verdict() const {
  if (bad_) return *bad_;
  if (batch_) return {wal_end::torn, *batch_};
  return {wal_end::clean, begin_};
}

wal_tail_verdict judge_wal_tail(std::string_view bytes, log_content content) {
  wal_tail_judge judge{content};
  judge.take(bytes);
  return judge.verdict();
}

}  // namespace factord::storage

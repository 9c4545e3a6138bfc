#include "storage/rocksdb/wal/wal_file.hpp"

#include <fcntl.h>
#include <rocksdb/file_system.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/file_descriptor.hpp"
#include "storage/rocksdb/failure/status.hpp"

namespace factord::storage {

namespace {

/// Read at a time: a log may be as large as the memory that we are allowed.
constexpr std::size_t piece_bytes = 32 * wal_tail_judge::block_bytes;

/// The number of a file named "<digits>.log".
std::optional<std::uint64_t> wal_number(const std::filesystem::path& file) {
  if (file.extension() != ".log") return std::nullopt;
  const std::string stem = file.stem().string();
  std::uint64_t number = 0;
  const char* const end = stem.data() + stem.size();
  const auto parsed = std::from_chars(stem.data(), end, number);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return number;
}

/// In the order in which they were written.
result<std::vector<numbered_wal>> list_wals(const std::filesystem::path& directory) {
  std::vector<numbered_wal> found;
  std::error_code failure;
  for (std::filesystem::directory_iterator at{directory, failure}, end; !failure && at != end;
       at.increment(failure)) {
    if (const auto number = wal_number(at->path())) found.push_back({at->path(), *number});
  }
  if (failure)
    return error{errc::io_error, "listing " + directory.string() + ": " + failure.message()};
  std::ranges::sort(found, {}, &numbered_wal::number);
  return found;
}

/// A batch begins with the number that RocksDB gave to the first change in it, and a log with a
/// batch.
std::uint64_t first_sequence(std::string_view log) {
  constexpr std::size_t record_header = 7;
  std::uint64_t number = 0;
  if (log.size() < record_header + sizeof(number)) return 0;
  for (std::size_t i = sizeof(number); i-- > 0;) {  // little-endian
    number = number << 8U | static_cast<unsigned char>(log[record_header + i]);
  }
  return number;
}

error damaged(const std::filesystem::path& file, std::uint64_t offset, std::string_view why) {
  return {errc::corruption, file.string() + " is damaged at offset " + std::to_string(offset) +
                                ": " + std::string{why} +
                                ", so this batch is no torn end but was lost to the disk (or, in "
                                "mode process, to a power cut)"};
}

}  // namespace

// Read, not mapped: a bad sector under a mapping is a signal, and here an error with its place.
result<judged_log> judge_log(rocksdb::FileSystem& files, const std::filesystem::path& file,
                             log_content content) {
  std::unique_ptr<rocksdb::FSRandomAccessFile> log;
  const auto opened = files.NewRandomAccessFile(file.string(), {}, &log, nullptr);
  if (!opened.ok()) return to_error(opened, "opening a log of the store");

  const auto scratch = std::make_unique<char[]>(piece_bytes);
  wal_tail_judge judge{content};
  judged_log judged;
  rocksdb::Slice piece;
  do {
    const auto read = log->Read(judged.size, piece_bytes, {}, &piece, scratch.get(), nullptr);
    if (!read.ok()) return to_error(read, "reading a log of the store");
    if (judged.size == 0) judged.begin = first_sequence(piece.ToStringView());
    judge.take(piece.ToStringView());
    judged.size += piece.size();
  } while (piece.size() == piece_bytes);
  judged.verdict = judge.verdict();
  if (judged.verdict.offset == 0 || content != log_content::batches) judged.begin = 0;
  return judged;
}

result<std::optional<numbered_wal>> newest_wal(const std::filesystem::path& directory) {
  auto wals = list_wals(directory);
  if (!wals) return wals.error();
  if (wals->empty()) return std::nullopt;
  return wals->back();
}

result<std::optional<wal_cut>> find_torn_tail(rocksdb::FileSystem& files,
                                              const std::filesystem::path& directory) {
  const auto wals = list_wals(directory);
  if (!wals) return wals.error();
  std::uint64_t last_begin = 0;
  for (const numbered_wal& wal : *wals) {
    const auto log = judge_log(files, wal.file);
    if (!log) return log.error();
    if (log->begin > 0 && log->begin <= last_begin) {
      return error{errc::corruption, wal.file.string() + " is in the wrong place: it begins with " +
                                         "older batches than the log before it"};
    }
    last_begin = std::max(last_begin, log->begin);
    const auto [end, offset] = log->verdict;
    if (end == wal_end::clean) continue;
    if (end == wal_end::damaged) return damaged(wal.file, offset, "intact batches follow");
    if (wal.number != wals->back().number) return damaged(wal.file, offset, "a later log follows");
    return wal_cut{.file = wal.file, .offset = offset, .size = log->size};
  }
  return std::nullopt;
}

result<void> cut_torn_tail(const wal_cut& cut) {
  const file_descriptor fd{::open(cut.file.c_str(), O_WRONLY | O_CLOEXEC)};
  if (!fd.ok() || ::ftruncate(fd.get(), static_cast<off_t>(cut.offset)) != 0 ||
      ::fsync(fd.get()) != 0) {
    return os_error("cutting " + cut.file.string());
  }
  return {};
}

}  // namespace factord::storage

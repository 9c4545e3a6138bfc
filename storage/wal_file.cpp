#include "storage/wal_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/file_descriptor.hpp"

namespace factord::storage {

namespace {

/// A file's bytes, mapped: a WAL may be as large as the memory that we are allowed.
class mapped_file {
 public:
  mapped_file(int fd, std::size_t size)
      : size_(size), start_(::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0)) {}
  ~mapped_file() {
    if (ok()) ::munmap(start_, size_);
  }
  mapped_file(const mapped_file&) = delete;
  mapped_file& operator=(const mapped_file&) = delete;

  [[nodiscard]] bool ok() const { return start_ != MAP_FAILED; }
  [[nodiscard]] std::string_view bytes() const { return {static_cast<const char*>(start_), size_}; }

 private:
  std::size_t size_;
  void* start_;
};

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

result<judged_log> judge_log(const std::filesystem::path& file, log_content content) {
  const file_descriptor fd{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat status {};
  if (!fd.ok() || ::fstat(fd.get(), &status) != 0) return os_error("reading " + file.string());
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return judged_log{};
  const mapped_file mapped{fd.get(), size};
  if (!mapped.ok()) return os_error("mapping " + file.string());
  judged_log judged{.verdict = judge_wal_tail(mapped.bytes(), content), .size = size};
  if (judged.verdict.offset > 0 && content == log_content::batches)
    judged.begin = first_sequence(mapped.bytes());
  return judged;
}

result<std::optional<numbered_wal>> newest_wal(const std::filesystem::path& directory) {
  auto wals = list_wals(directory);
  if (!wals) return wals.error();
  if (wals->empty()) return std::nullopt;
  return wals->back();
}

result<std::optional<wal_cut>> find_torn_tail(const std::filesystem::path& directory) {
  const auto wals = list_wals(directory);
  if (!wals) return wals.error();
  std::uint64_t last_begin = 0;
  for (const numbered_wal& wal : *wals) {
    const auto log = judge_log(wal.file);
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

#include "storage/wal_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>
#include <string_view>

#include "storage/file_descriptor.hpp"
#include "storage/wal_tail.hpp"

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

result<std::filesystem::path> newest_wal(const std::filesystem::path& directory) {
  std::filesystem::path newest;
  std::optional<std::uint64_t> highest;
  std::error_code failure;
  for (std::filesystem::directory_iterator at{directory, failure}, end; !failure && at != end;
       at.increment(failure)) {
    const auto number = wal_number(at->path());
    if (!number || (highest && *number < *highest)) continue;
    highest = number;
    newest = at->path();
  }
  if (failure)
    return error{errc::io_error, "listing " + directory.string() + ": " + failure.message()};
  return newest;
}

}  // namespace

result<std::optional<wal_cut>> find_torn_tail(const std::filesystem::path& directory) {
  const auto file = newest_wal(directory);
  if (!file) return file.error();
  if (file->empty()) return std::nullopt;

  const file_descriptor fd{::open(file->c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat status {};
  if (!fd.ok() || ::fstat(fd.get(), &status) != 0) return os_error("reading " + file->string());
  if (status.st_size == 0) return std::nullopt;
  const auto size = static_cast<std::size_t>(status.st_size);
  const mapped_file mapped{fd.get(), size};
  if (!mapped.ok()) return os_error("mapping " + file->string());

  const wal_tail_verdict verdict = judge_wal_tail(mapped.bytes());
  switch (verdict.end) {
    case wal_end::clean:
      return std::nullopt;
    case wal_end::torn:
      return wal_cut{.file = *file, .offset = verdict.offset, .size = size};
    case wal_end::damaged:
      break;
  }
  return error{errc::corruption, file->string() + " is damaged at offset " +
                                     std::to_string(verdict.offset) +
                                     ": intact batches follow, so this one had been answered"};
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

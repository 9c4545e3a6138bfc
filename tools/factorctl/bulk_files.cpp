#include "tools/factorctl/bulk_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace factord::ctl {
namespace {

using std::filesystem::path;
using storage::file_descriptor;
using storage::os_error;

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t piece_bytes = 64U << 10U;

bool is_regular(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

// A device, such as a terminal, is nobody's to overwrite. Files that are still to be made go by
// their names.
bool same(const path& one, const path& other) {
  struct stat first {};
  struct stat second {};
  const bool is_first = ::stat(one.c_str(), &first) == 0;
  const bool is_second = ::stat(other.c_str(), &second) == 0;
  if (is_first && is_second) {
    return first.st_dev == second.st_dev && first.st_ino == second.st_ino &&
           !S_ISCHR(first.st_mode);
  }
  std::error_code ignored;
  return !is_first && !is_second &&
         std::filesystem::weakly_canonical(std::filesystem::absolute(one, ignored), ignored) ==
             std::filesystem::weakly_canonical(std::filesystem::absolute(other, ignored), ignored);
}

}  // namespace

result<std::string> read_lines(const path& from) {
  const std::string doing = "cannot read " + from.string();
  const file_descriptor file(::open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file.ok()) return os_error(doing);
  std::string text;
  std::array<char, piece_bytes> piece;
  for (;;) {
    const ssize_t got = ::read(file.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return os_error(doing);
    if (got == 0) break;
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  if (text.starts_with(byte_order_mark)) text.erase(0, byte_order_mark.size());
  return text;
}

result<void> check_apart(const path& from, const path& failures, const path& codes) {
  const auto refused = [](const std::string& what, const path& where) {
    return error{errc::bad_argument, what + ": " + where.string()};
  };
  if (same(from, failures))
    return refused("failures would overwrite the file that is read", failures);
  if (codes.empty()) return {};
  if (same(from, codes)) return refused("codes would go into the file that is read", codes);
  if (same(failures, codes)) return refused("failures and codes would go into one file", codes);
  return {};
}

line_file::~line_file() {
  struct stat status {};
  if (!file_.ok() || ::fstat(file_.get(), &status) != 0) return;
  if (status.st_size > 0 || !S_ISREG(status.st_mode)) return;
  // Not what a link leads to.
  if (::lstat(path_.c_str(), &status) == 0 && S_ISREG(status.st_mode)) ::unlink(path_.c_str());
}

error line_file::failure() const {
  error why = os_error("cannot write " + path_.string());
  why.message.append(" (").append(option_).append(" names another file)");
  return why;
}

result<void> line_file::open() {
  if (file_.ok()) return {};
  file_ = file_descriptor(
      ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0666));
  if (!file_.ok()) return failure();
  return {};
}

// Opening a pipe may wait for its reader, who need not come where nothing is written.
result<void> line_file::open_if_there() {
  struct stat status {};
  if (::stat(path_.c_str(), &status) != 0 || S_ISFIFO(status.st_mode)) return {};
  return open();
}

result<void> line_file::clear() {
  if (!file_.ok() || !is_regular(file_.get()) || ::ftruncate(file_.get(), 0) == 0) return {};
  return failure();
}

result<void> line_file::append(std::string_view lines) {
  if (const auto opened = open(); !opened) return opened;
  while (!lines.empty()) {
    const ssize_t put = ::write(file_.get(), lines.data(), lines.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failure();
    lines.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

}  // namespace factord::ctl

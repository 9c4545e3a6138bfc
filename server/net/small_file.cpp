#include "server/net/small_file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "server/net/sockets.hpp"

namespace factord::net {
namespace {

error unreadable(const std::filesystem::path& path, const std::string& why) {
  return {errc::bad_argument, path.string() + ": cannot be read: " + why};
}

error system_failure(const std::filesystem::path& path) {
  return unreadable(path, std::generic_category().message(errno));
}

// 1: there is something to read, or the end; 0: not in time; below 0: errno says why.
int await_input(int fd, std::chrono::milliseconds patience) {
  pollfd wanted{fd, POLLIN, 0};
  return ::poll(&wanted, 1, static_cast<int>(patience.count()));
}

result<std::string> read_all(const unique_fd& file, const std::filesystem::path& path,
                             std::size_t bytes_max, std::chrono::milliseconds patience) {
  std::string bytes;
  std::array<char, 4096> piece;
  for (;;) {
    const int ready = await_input(file.get(), patience);
    if (ready < 0) return system_failure(path);
    if (ready == 0) return unreadable(path, "nobody writes into it");
    const ssize_t got = ::read(file.get(), piece.data(), piece.size());
    if (got < 0 && errno == EAGAIN) continue;
    if (got < 0) return system_failure(path);
    if (got == 0) return bytes;
    bytes.append(piece.data(), static_cast<std::size_t>(got));
    if (bytes.size() > bytes_max)
      return unreadable(path, "it has more than " + std::to_string(bytes_max) + " bytes");
  }
}

// Without waiting for whoever may write into a pipe.
unique_fd open_to_read(const std::filesystem::path& path) {
  return unique_fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
}

bool is_credential(const std::filesystem::path& path) {
  const char* const directory = std::getenv("CREDENTIALS_DIRECTORY");
  if (directory == nullptr || *directory != '/') return false;
  const auto whole = [](const std::filesystem::path& of) {
    return std::filesystem::absolute(of / ".").lexically_normal();
  };
  return whole(path.parent_path()) == whole(directory);
}

// The bits that somebody else could read it by.
mode_t foreign_bits(const struct stat& of, const std::filesystem::path& path) {
  const bool of_root = of.st_uid == 0 && ::geteuid() != 0;
  const mode_t group = of_root || is_credential(path) ? S_IWGRP | S_IXGRP : S_IRWXG;
  return of.st_mode & (group | S_IRWXO);
}

}  // namespace

result<std::string> read_small_file(const std::filesystem::path& path, std::size_t bytes_max,
                                    std::chrono::milliseconds patience) {
  const unique_fd file = open_to_read(path);
  if (!file.ok()) return system_failure(path);
  return read_all(file, path, bytes_max, patience);
}

result<std::string> read_private_file(const std::filesystem::path& path, std::size_t bytes_max) {
  const unique_fd file = open_to_read(path);
  struct stat found {};
  if (!file.ok() || ::fstat(file.get(), &found) != 0) return system_failure(path);
  if (!S_ISREG(found.st_mode)) return unreadable(path, "it is no plain file");
  if (foreign_bits(found, path) != 0) {
    return error{errc::bad_argument,
                 path.string() +
                     " holds a secret, and others than its owner may read it: mode "
                     "0600 is needed"};
  }
  return read_all(file, path, bytes_max, std::chrono::milliseconds{0});
}

}  // namespace factord::net

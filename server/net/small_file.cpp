#include "server/net/small_file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
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

}  // namespace

result<std::string> read_small_file(const std::filesystem::path& path, std::size_t bytes_max,
                                    std::chrono::milliseconds patience) {
  // Without waiting for whoever may write into a pipe.
  const unique_fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (file.get() < 0) return system_failure(path);
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

}  // namespace factord::net

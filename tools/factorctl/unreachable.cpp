#include "tools/factorctl/unreachable.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "tools/factorctl/ownership.hpp"

namespace factord::ctl {
namespace {

std::string words(int failure) { return std::generic_category().message(failure); }

enum class directory_use { by_nobody, by_somebody, unknown };

// By its lock, which is let go of at once where nobody had it.
directory_use find_use(const std::filesystem::path& data_dir) {
  const int fd = ::open(data_dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return directory_use::unknown;
  const bool taken = ::flock(fd, LOCK_SH | LOCK_NB) != 0;
  const directory_use use = !taken                 ? directory_use::by_nobody
                            : errno == EWOULDBLOCK ? directory_use::by_somebody
                                                   : directory_use::unknown;
  ::close(fd);
  return use;
}

std::string say_nobody_listens(const std::filesystem::path& data_dir, const std::string& cause) {
  const std::string dir = data_dir.string();
  switch (find_use(data_dir)) {
    case directory_use::by_nobody:
      return "the server is not running on " + dir + " (" + cause + ")";
    case directory_use::by_somebody:
      return dir + " is in use, but " + cause +
             ": a factord starts or ends, another factorctl is at work, or admin.sock was removed "
             "or replaced, and a restart of factord makes it again";
    case directory_use::unknown:
      break;
  }
  return "no server answers on " + dir + " (" + cause + "), and whether one runs cannot be told";
}

}  // namespace

error unreachable(const std::filesystem::path& data_dir, int failure) {
  const auto because = [](std::string message) {
    return error{errc::unavailable, std::move(message)};
  };
  // 1. The directory.
  struct stat dir {};
  if (::stat(data_dir.c_str(), &dir) != 0) {
    if (errno == ENOENT) return because("there is no directory " + data_dir.string());
    return because(data_dir.string() + " cannot be looked at: " + words(errno));
  }
  if (!S_ISDIR(dir.st_mode)) return because(data_dir.string() + " is not a directory");

  // 2. The socket in it.
  const std::string path = (data_dir / "admin.sock").string();
  struct stat socket {};
  if (::lstat(path.c_str(), &socket) != 0) {
    if (errno == ENOENT) return because(say_nobody_listens(data_dir, "there is no admin.sock"));
    if (errno == EACCES)
      return because("no permission to look into " + data_dir.string() + ": " +
                     say_whose(dir.st_uid));
    return because(path + " cannot be looked at: " + words(errno));
  }
  if (!S_ISSOCK(socket.st_mode)) return because(path + " is not a socket");

  // 3. Whoever is behind it.
  if (failure == EACCES || failure == EPERM)
    return because("no permission to connect to " + path + ": " + say_whose(socket.st_uid));
  if (failure == ECONNREFUSED)
    return because(say_nobody_listens(data_dir, "nobody listens on admin.sock"));
  return because("cannot connect to " + path + ": " + words(failure));
}

}  // namespace factord::ctl

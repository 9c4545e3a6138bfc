#include "server/net/name_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "storage/base/file_identity.hpp"

namespace factord::net {

boost::system::result<name_lock, int> name_lock::take(int directory_fd, const std::string& name) {
  storage::file_descriptor directory{::fcntl(directory_fd, F_DUPFD_CLOEXEC, 0)};
  if (!directory.ok()) return errno;
  std::string file = ".factord-" + name + ".lock";
  for (;;) {
    storage::file_descriptor fd{::openat(
        directory_fd, file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR)};
    if (!fd.ok()) return errno;
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return errno == EWOULDBLOCK ? EADDRINUSE : errno;
    // Whoever had it before may have removed the file since it was opened.
    const auto held = storage::identity_of(fd.get());
    if (held && storage::identity_at(directory_fd, file) == *held)
      return name_lock{std::move(directory), std::move(file), std::move(fd)};
  }
}

name_lock::name_lock(storage::file_descriptor directory, std::string file,
                     storage::file_descriptor fd)
    : directory_(std::move(directory)), file_(std::move(file)), fd_(std::move(fd)) {}

// While it is locked: the next one's stays.
name_lock::~name_lock() {
  if (fd_.ok()) ::unlinkat(directory_.get(), file_.c_str(), 0);
}

}  // namespace factord::net

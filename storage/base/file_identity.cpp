#include "storage/base/file_identity.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include "storage/base/file_descriptor.hpp"

namespace factord::storage {

namespace {

file_identity identity_in(const struct stat& status) { return {status.st_dev, status.st_ino}; }

}  // namespace

result<file_identity> identity_of(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return os_error("looking at a descriptor");
  return identity_in(status);
}

std::optional<file_identity> identity_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return identity_in(status);
}

std::optional<file_identity> identity_at(int directory_fd, const std::string& name) {
  struct stat status {};
  if (::fstatat(directory_fd, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  return identity_in(status);
}

}  // namespace factord::storage

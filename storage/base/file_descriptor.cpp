#include "storage/base/file_descriptor.hpp"

#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace factord::storage {

file_descriptor& file_descriptor::operator=(file_descriptor&& other) noexcept {
  if (this != &other) {
    if (ok()) ::close(fd_);
    fd_ = other.release();
  }
  return *this;
}

file_descriptor::~file_descriptor() {
  if (ok()) ::close(fd_);
}

error os_error(const std::string& doing) {
  return {errc::io_error, doing + ": " + std::generic_category().message(errno)};
}

}  // namespace factord::storage

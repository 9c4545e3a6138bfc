#pragma once

#include <string>
#include <utility>

#include "storage/base/error.hpp"

namespace factord::storage {

/// Owns an open file descriptor, or none.
class file_descriptor {
 public:
  explicit file_descriptor(int fd = -1) noexcept : fd_(fd) {}
  file_descriptor(file_descriptor&& other) noexcept : fd_(other.release()) {}
  file_descriptor& operator=(file_descriptor&& other) noexcept;
  ~file_descriptor();

  [[nodiscard]] bool ok() const noexcept { return fd_ >= 0; }
  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

/// The last failure of the operating system (errno) as an errc::io_error: "<doing>: <its text>".
[[nodiscard]] error os_error(const std::string& doing);

}  // namespace factord::storage

#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "storage/base/error.hpp"

namespace factord::storage {

/// Which file something is, whatever it is called. As long as it is open, or a socket is bound to
/// it, no other file has its identity.
struct file_identity {
  dev_t device = 0;
  ino_t inode = 0;

  friend bool operator==(const file_identity&, const file_identity&) = default;
};

/// Of an open file.
[[nodiscard]] result<file_identity> identity_of(int fd);

/// Of what a path leads to; nothing where it leads nowhere (errno).
[[nodiscard]] std::optional<file_identity> identity_of(const std::string& path);

/// Of what has this name in a directory, be it a link; nothing where nothing has (errno).
[[nodiscard]] std::optional<file_identity> identity_at(int directory_fd, const std::string& name);

}  // namespace factord::storage

#pragma once

#include <string>

#include "storage/base/error.hpp"
#include "storage/base/file_descriptor.hpp"
#include "storage/base/file_identity.hpp"

namespace factord::net {

/// The name of a Unix socket that we listen on, and the file that it was given to: that name in
/// that directory, wherever the directory is moved. Others may take the file away and put theirs in
/// its place; theirs stays.
class socket_file {
 public:
  /// None.
  socket_file() = default;
  /// What is called `name` now. The directory was opened with O_PATH, or more.
  [[nodiscard]] static result<socket_file> find(storage::file_descriptor directory,
                                                std::string name);

  /// Removes the name, if it is still our file's, once. Before the socket is closed: a name whose
  /// socket is dead is taken by the next server, and a file that is gone may lend its identity.
  void remove() noexcept;

 private:
  storage::file_descriptor directory_;
  std::string name_;
  storage::file_identity identity_;
};

}  // namespace factord::net

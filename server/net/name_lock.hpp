#pragma once

#include <boost/system/result.hpp>
#include <string>

#include "storage/base/file_descriptor.hpp"

namespace factord::net {

/// The right to make a socket of this name in a directory, among the factords of a machine: of two
/// that found the same dead socket, the second would remove the first one's. A file beside it,
/// locked and there for no longer than this lives.
class name_lock {
 public:
  /// Fails with an errno: EADDRINUSE where another has it.
  [[nodiscard]] static boost::system::result<name_lock, int> take(int directory_fd,
                                                                  const std::string& name);
  name_lock(name_lock&& other) noexcept = default;
  name_lock& operator=(name_lock&&) = delete;
  ~name_lock();

 private:
  name_lock(storage::file_descriptor directory, std::string file, storage::file_descriptor fd);

  storage::file_descriptor directory_;
  std::string file_;
  storage::file_descriptor fd_;
};

}  // namespace factord::net

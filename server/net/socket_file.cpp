#include "server/net/socket_file.hpp"

#include <unistd.h>

#include <utility>

namespace factord::net {

result<socket_file> socket_file::find(storage::file_descriptor directory, std::string name) {
  const auto identity = storage::identity_at(directory.get(), name);
  if (!identity) return storage::os_error("looking at unix:" + name);
  socket_file file;
  file.directory_ = std::move(directory);
  file.name_ = std::move(name);
  file.identity_ = *identity;
  return file;
}

void socket_file::remove() noexcept {
  if (!directory_.ok()) return;
  if (storage::identity_at(directory_.get(), name_) == identity_)
    ::unlinkat(directory_.get(), name_.c_str(), 0);
  directory_ = storage::file_descriptor{};
}

}  // namespace factord::net

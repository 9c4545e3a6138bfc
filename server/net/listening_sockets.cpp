#include "server/net/listening_sockets.hpp"

#include <system_error>
#include <utility>

namespace factord::net {
namespace {

namespace fs = std::filesystem;

// True for a file in a directory that is not there.
bool waits_for(const fs::path& file, const fs::path& dir) {
  std::error_code unknown;
  if (dir.empty() || fs::exists(dir, unknown)) return false;
  // "DIR/." is normally "DIR/", whose parent is DIR.
  return fs::absolute(file).lexically_normal().parent_path() ==
         (fs::absolute(dir) / ".").lexically_normal().parent_path();
}

}  // namespace

result<listening_sockets> listening_sockets::open(std::span<const listen_address> addresses,
                                                  const fs::path& data_dir,
                                                  passed_sockets* passed) {
  listening_sockets opened;
  passed_sockets none;
  for (const listen_address& address : addresses) {
    if (!address.passed.empty()) {
      if (const auto taken = opened.take(address, passed == nullptr ? none : *passed); !taken)
        return taken.error();
      continue;
    }
    if (!address.is_unix()) {
      auto socket = listen_tcp(address);
      if (!socket) return socket.error();
      opened.sockets_.push_back(*std::move(socket));
      continue;
    }
    if (!waits_for(address.path, data_dir)) {
      if (const auto free = check_unix(address); !free) return free.error();
    }
    opened.sockets_.push_back({unique_fd{}, address});
  }
  return opened;
}

result<void> listening_sockets::take(const listen_address& named, passed_sockets& passed) {
  auto taken = passed.take(named.passed);
  if (!taken) return taken.error();
  for (listening_socket& one : *taken) {
    one.address.plain = named.plain;
    sockets_.push_back(std::move(one));
  }
  return {};
}

result<std::vector<listening_socket>> listening_sockets::complete() {
  for (listening_socket& one : sockets_) {
    if (one.fd.ok()) continue;
    auto socket = listen_unix(one.address);
    if (!socket) {
      for (listening_socket& made : sockets_) made.file.remove();
      return socket.error();
    }
    one = *std::move(socket);
  }
  return std::move(sockets_);
}

}  // namespace factord::net

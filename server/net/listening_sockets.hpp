#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "server/net/address.hpp"
#include "server/net/passed_sockets.hpp"
#include "server/net/sockets.hpp"
#include "storage/base/error.hpp"

namespace factord::net {

/// Where a server is going to listen, found out before it makes anything on the disk: an address
/// that is not to be had must not leave a data directory behind. One thread.
class listening_sockets {
 public:
  /// Listens on every IP address: whoever connects waits for the server. Unix sockets are only
  /// looked at, because they may lie in `data_dir`, which may still have to be made (empty: there
  /// is none). Those that are named are taken from the passed ones (null: there
  /// are none).
  /// errc::unavailable, naming the address, where one is not to be had; as passed_sockets::take.
  [[nodiscard]] static result<listening_sockets> open(std::span<const listen_address> addresses,
                                                      const std::filesystem::path& data_dir,
                                                      passed_sockets* passed = nullptr);

  /// Makes the Unix sockets and hands all over, in the order of the addresses. Once.
  [[nodiscard]] result<std::vector<listening_socket>> complete();

 private:
  result<void> take(const listen_address& named, passed_sockets& passed);

  std::vector<listening_socket> sockets_;  ///< without a descriptor: a Unix socket to be made
};

}  // namespace factord::net

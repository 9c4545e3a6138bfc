#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/net/sockets.hpp"
#include "storage/base/error.hpp"

namespace factord::net {

/// The sockets that a service manager has opened for this process and passes to it, by the names
/// that it gives them (sd_listen_fds(3)). One thread.
class passed_sockets {
 public:
  /// None.
  passed_sockets() = default;
  /// By LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES, before this process opens any file of its own.
  /// errc::bad_argument where one of them is no stream socket that listens.
  [[nodiscard]] static result<passed_sockets> of_process();

  /// Those of this name, one or more. errc::bad_argument where there are none (any more).
  [[nodiscard]] result<std::vector<listening_socket>> take(std::string_view name);

  /// errc::bad_argument where some were passed that nobody took: whoever connects there would wait
  /// for ever.
  [[nodiscard]] result<void> check_none_left() const;

 private:
  struct entry {
    std::string name;
    listening_socket socket;
  };
  std::vector<entry> entries_;
};

}  // namespace factord::net

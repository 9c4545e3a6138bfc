#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "storage/base/error.hpp"
#include "storage/base/file_descriptor.hpp"

namespace factord::net {

/// Who started this process and wants to hear of it, as sd_notify(3) has it: datagrams to a socket.
/// One that is gone, or was never there, is no error. Any thread.
class service_manager {
 public:
  /// Nobody.
  service_manager() = default;
  /// By NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID. What cannot be understood in them is logged,
  /// and counts as not said.
  [[nodiscard]] static service_manager of_process();

  /// Lines such as "READY=1". Waits for at most a fifth of a second, and with a sign of life, after
  /// which others come, not at all.
  void tell(std::string_view state) const noexcept;

  /// How often it wants a sign of life, or it ends the process; 0: it does not.
  [[nodiscard]] std::chrono::milliseconds watchdog() const noexcept { return watchdog_; }

 private:
  std::string address_;  ///< the bytes of a sun_path; empty: nobody
  storage::file_descriptor socket_;
  std::chrono::milliseconds watchdog_{0};
};

}  // namespace factord::net

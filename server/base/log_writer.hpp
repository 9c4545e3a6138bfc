#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "storage/base/thread.hpp"

namespace factord {

/// Writes lines to a file, pipe or terminal on a thread of its own. So who logs waits for a mutex
/// that is held for a copy, never for whoever reads the log: what there is no room for is lost. Any
/// thread.
class log_writer {
 public:
  /// `fd` outlives it. `room`: bytes that may wait.
  explicit log_writer(int fd, std::size_t room = std::size_t{1} << 20U);
  /// What waits is written, for a second at most.
  ~log_writer();
  log_writer(const log_writer&) = delete;
  log_writer& operator=(const log_writer&) = delete;

  /// Takes a line without its end. False where there is no room for it. The next line that there is
  /// room for is preceded by one that says how many were lost.
  [[nodiscard]] bool put(std::string_view line) noexcept;

  /// Returns once all that was put is written, or after a second.
  void flush() noexcept;

 private:
  void run() noexcept;
  [[nodiscard]] bool take(std::string& lines);
  void write_out(std::string_view lines) noexcept;
  [[nodiscard]] bool wait_for_room() noexcept;
  [[nodiscard]] bool has_given_up() noexcept;

  const int fd_;
  const bool is_file_;
  const std::size_t room_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable idle_;
  std::string waiting_;
  std::uint64_t lost_ = 0;  ///< and not told
  bool asleep_ = false;
  bool writing_ = false;
  bool urgent_ = false;  ///< somebody waits for what waits
  bool ending_ = false;
  bool given_up_ = false;  ///< it was to end a second ago

  thread thread_;
};

}  // namespace factord

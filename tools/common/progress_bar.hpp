#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace factord::tools {

/// One line of progress: a bar, how far, how fast, how long yet. At most 80 columns for a label of
/// up to 12. `total` 0 means unknown: no bar.
[[nodiscard]] std::string progress_text(std::string_view label, std::uint64_t done,
                                        std::uint64_t total, std::chrono::nanoseconds elapsed);

/// A line on stderr that shows how far long work is, redrawn in place ten times a second. It stays
/// silent where stderr is not a terminal, so that logs and pipes see none of it.
class progress_bar {
 public:
  progress_bar();
  /// Ends the line, if one was drawn.
  ~progress_bar();
  progress_bar(const progress_bar&) = delete;
  progress_bar& operator=(const progress_bar&) = delete;

  /// Call it as often as is handy. A new label starts a new line, and the clock anew.
  void show(std::string_view label, std::uint64_t done, std::uint64_t total);

 private:
  using clock = std::chrono::steady_clock;

  void end_line();

  const bool visible_;
  std::string label_;
  std::string line_;  ///< as drawn last; empty where no line is open
  clock::time_point started_{};
  clock::time_point drawn_{};
};

}  // namespace factord::tools

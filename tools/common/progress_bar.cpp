#include "tools/common/progress_bar.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "tools/common/number.hpp"

namespace factord::tools {
namespace {

constexpr std::uint64_t bar_columns = 20;
constexpr std::chrono::milliseconds redraw_after{100};

std::string duration_text(std::uint64_t seconds) {
  if (seconds < 60) return std::to_string(seconds) + " s";
  if (seconds < 60 * 60) {
    return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
  }
  return std::to_string(seconds / 3600) + " h " + std::to_string(seconds / 60 % 60) + " min";
}

std::string bar_text(double share) {
  const auto filled = static_cast<std::uint64_t>(share * static_cast<double>(bar_columns));
  std::string bar = "[";
  bar.append(filled, '#').append(bar_columns - filled, '.').append("] ");
  return bar.append(std::to_string(static_cast<unsigned>(share * 100))).append("%  ");
}

// Overwrites what stands on the current line of the terminal.
void draw(std::string_view line) {
  std::fprintf(stderr, "\r\x1b[K%.*s", static_cast<int>(line.size()), line.data());
  std::fflush(stderr);
}

}  // namespace

std::string progress_text(std::string_view label, std::uint64_t done, std::uint64_t total,
                          std::chrono::nanoseconds elapsed) {
  std::string line{label};
  line += "  ";
  if (total > 0) {
    line += bar_text(std::min(1.0, static_cast<double>(done) / static_cast<double>(total)));
  }
  line += grouped(done);
  const double seconds = std::chrono::duration<double>(elapsed).count();
  if (done == 0 || seconds <= 0) return line;

  const double per_second = static_cast<double>(done) / seconds;
  line += "  " + grouped(static_cast<std::uint64_t>(per_second)) + "/s";
  if (total > done) {
    const double left = static_cast<double>(total - done) / per_second;
    line += "  " + duration_text(static_cast<std::uint64_t>(left)) + " left";
  } else {
    line += "  " + duration_text(static_cast<std::uint64_t>(seconds));
  }
  return line;
}

progress_bar::progress_bar() : visible_(::isatty(STDERR_FILENO) == 1) {}

progress_bar::~progress_bar() { end_line(); }

void progress_bar::show(std::string_view label, std::uint64_t done, std::uint64_t total) {
  if (!visible_) return;
  const auto now = clock::now();
  if (label != label_) {
    end_line();
    label_ = label;
    started_ = now;
  } else if (now - drawn_ < redraw_after && done < total) {
    return;
  }
  line_ = progress_text(label, done, total, now - started_);
  draw(line_);
  drawn_ = now;
}

void progress_bar::end_line() {
  if (line_.empty()) return;
  std::fputc('\n', stderr);
  line_.clear();
}

}  // namespace factord::tools

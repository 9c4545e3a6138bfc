#include "server/base/log_writer.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <exception>
#include <utility>

#include "server/base/log.hpp"

namespace factord {
namespace {

// A line is written at once, and those that come so soon after it together.
constexpr std::chrono::milliseconds gathering{5};
// Whoever ends, or waits for the log, does so no longer.
constexpr std::chrono::seconds patience{1};
constexpr int poll_ms = 100;

bool is_file(int fd) {
  struct stat found {};
  return ::fstat(fd, &found) == 0 && S_ISREG(found.st_mode);
}

// Where there is no memory for it, the count of all (log::lost) has them.
void tell_lost(std::uint64_t count, std::string& lines) noexcept {
  try {
    lines += log::format(system_now(), log::level::warn, "lines of the log were lost",
                         {{"lines", count}}) +
             '\n';
  } catch (const std::exception&) {
    log::count_lost(1);
  }
}

}  // namespace

log_writer::log_writer(int fd, std::size_t room) : fd_(fd), is_file_(is_file(fd)), room_(room) {
  waiting_.reserve(room_);
  thread_ = thread("log", [this] { run(); });
}

log_writer::~log_writer() {
  flush();
  {
    const std::lock_guard lock{mutex_};
    ending_ = given_up_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

bool log_writer::put(std::string_view line) noexcept {
  bool wake = false;
  {
    const std::lock_guard lock{mutex_};
    if (line.size() + 1 > room_ - waiting_.size()) {
      ++lost_;
      return false;
    }
    waiting_ += line;
    waiting_ += '\n';
    wake = std::exchange(asleep_, false);
  }
  if (wake) wake_.notify_one();
  return true;
}

void log_writer::flush() noexcept {
  std::unique_lock lock{mutex_};
  urgent_ = true;
  wake_.notify_one();
  idle_.wait_for(lock, patience, [this] { return waiting_.empty() && !writing_; });
  urgent_ = false;
}

void log_writer::run() noexcept {
  std::string lines;
  lines.reserve(room_);
  while (take(lines)) {
    write_out(lines);
    lines.clear();
    std::unique_lock lock{mutex_};
    writing_ = false;
    idle_.notify_all();
    wake_.wait_for(lock, gathering, [this] { return urgent_ || ending_; });
  }
}

/// Waits for lines. False once it is to end.
bool log_writer::take(std::string& lines) {
  std::unique_lock lock{mutex_};
  asleep_ = true;
  wake_.wait(lock, [this] { return !waiting_.empty() || ending_; });
  asleep_ = false;
  if (ending_) return false;
  lines.swap(waiting_);
  writing_ = true;
  const std::uint64_t lost = std::exchange(lost_, 0);
  lock.unlock();
  if (lost > 0) tell_lost(lost, lines);
  return true;
}

// A pipe takes so much at once without a wait, where it takes anything (pipe(7)); whole lines as
// far as they are no longer.
void log_writer::write_out(std::string_view lines) noexcept {
  while (!lines.empty() && wait_for_room() && (is_file_ || !has_given_up())) {
    const std::size_t most =
        is_file_ ? lines.size() : std::min<std::size_t>(lines.size(), PIPE_BUF);
    const std::size_t whole = lines.substr(0, most).rfind('\n') + 1;
    const ssize_t written = ::write(fd_, lines.data(), whole > 0 ? whole : most);
    if (written >= 0) {
      lines.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR && errno != EAGAIN) {
      break;
    }
  }
  log::count_lost(static_cast<std::uint64_t>(std::ranges::count(lines, '\n')));
}

// False once it is given up.
bool log_writer::wait_for_room() noexcept {
  if (is_file_) return true;
  pollfd waited{fd_, POLLOUT, 0};
  while (::poll(&waited, 1, poll_ms) == 0) {
    if (has_given_up()) return false;
  }
  return true;
}

bool log_writer::has_given_up() noexcept {
  const std::lock_guard lock{mutex_};
  return given_up_;
}

}  // namespace factord

#pragma once

#include <functional>
#include <string>
#include <thread>

namespace factord {

/// A thread of ours: it bears a name, takes no signals, as none of those that it starts does, and
/// is joined before its object goes. So what was begun is ended, not left to end the process, where
/// something that should come after it cannot be had.
class thread {
 public:
  /// None.
  thread() = default;
  /// Runs `body`, which must not throw. The name is for top -H, perf and debuggers: 15 bytes of it
  /// are kept. Throws std::system_error where no thread is to be had, and then nothing was begun.
  thread(const std::string& name, std::function<void()> body);

  /// Returns once it has ended; at once where there is none.
  void join();

 private:
  std::jthread running_;
};

/// Runs `body`, which must not throw, on a thread that nobody can wait for: for what cannot be cut
/// short. It owns all that it touches, and may still run when the process ends. Takes no signals.
/// Throws std::system_error where no thread is to be had.
void run_apart(const std::string& name, std::function<void()> body);

/// Names the calling thread.
void name_this_thread(const std::string& name) noexcept;

}  // namespace factord

#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <semaphore>

#include "storage/base/thread.hpp"
#include "tests/simulation/scheduler.hpp"

namespace factord::simulation {

/// Thrown out of wait() where the process dies meanwhile.
struct process_died {};

/// A thread of a server that waits in the middle of what it does, for a commit or a database, while
/// others go on, in whatever order. Either it runs or the rest of the world does, never both: it is
/// let go on by run(), by time or by wake(), and whoever does so waits until it waits again. So a
/// seed is a run all the same.
class simulated_thread {
 public:
  explicit simulated_thread(scheduler& time);
  ~simulated_thread() { end(); }
  simulated_thread(const simulated_thread&) = delete;
  simulated_thread& operator=(const simulated_thread&) = delete;

  // For everybody else. What the thread throws comes out of them.

  /// It has nothing to do (checked).
  void run(std::function<void()> pending);
  /// Ends its wait; nothing where it does not wait.
  void wake();
  /// The process dies: wherever it waits, it waits no more.
  void end();

  // For the thread.

  void wait(moment until);
  [[nodiscard]] moment now() const noexcept { return time_.now(); }

 private:
  void loop();
  void do_work();
  void go_on();

  scheduler& time_;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::function<void()> work_;
  std::exception_ptr thrown_;
  std::uint64_t waits_ = 0;
  bool waiting_ = false;
  bool dying_ = false;
  std::binary_semaphore its_turn_{0};
  std::binary_semaphore our_turn_{0};
  thread running_;  ///< last: it uses these
};

}  // namespace factord::simulation

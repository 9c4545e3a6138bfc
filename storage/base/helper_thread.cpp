#include "storage/base/helper_thread.hpp"

#include <utility>

namespace factord {

helper_thread::helper_thread(const std::string& name) : thread_(name, [this] { run(); }) {}

helper_thread::~helper_thread() {
  {
    const std::lock_guard lock{mutex_};
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void helper_thread::share(const std::function<void()>& work) {
  offer(work);
  finish();
}

void helper_thread::offer(const std::function<void()>& work) {
  work_ = &work;
  {
    const std::lock_guard lock{mutex_};
    offered_ = &work;
  }
  changed_.notify_all();
}

void helper_thread::finish() {
  (*work_)();
  std::unique_lock lock{mutex_};
  offered_ = nullptr;  // too late, where it has not begun
  changed_.wait(lock, [this] { return !helping_; });
}

void helper_thread::run() {
  std::unique_lock lock{mutex_};
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || offered_ != nullptr; });
    if (offered_ == nullptr) return;
    const std::function<void()>& work = *std::exchange(offered_, nullptr);
    helping_ = true;
    lock.unlock();
    work();
    lock.lock();
    helping_ = false;
    changed_.notify_all();
  }
}

}  // namespace factord

#include "storage/engine/reader_thread.hpp"

#include <utility>

namespace factord::storage {

reader_thread::reader_thread() : thread_("reader", [this] { run(); }) {}

reader_thread::~reader_thread() {
  {
    const std::lock_guard lock{mutex_};
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void reader_thread::run(std::function<void()> job) {
  {
    const std::lock_guard lock{mutex_};
    jobs_.push_back(std::move(job));
    ++given_;
  }
  changed_.notify_all();
}

void reader_thread::wait() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return done_ == given_; });
}

void reader_thread::run() {
  std::unique_lock lock{mutex_};
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    job = nullptr;  // what it holds goes on this side of "done"
    lock.lock();
    ++done_;
    changed_.notify_all();
  }
}

}  // namespace factord::storage

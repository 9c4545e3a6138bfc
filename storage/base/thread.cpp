#include "storage/base/thread.hpp"

#include <pthread.h>

#include <array>
#include <csignal>
#include <utility>

namespace factord {

namespace {

/// All signals are kept from this thread, and from those that it starts, while this lives.
class signals_blocked {
 public:
  signals_blocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  signals_blocked(const signals_blocked&) = delete;
  signals_blocked& operator=(const signals_blocked&) = delete;

 private:
  sigset_t before_{};
};

std::jthread start(const std::string& name, std::function<void()> body) {
  const signals_blocked quiet;
  return std::jthread{[name, body = std::move(body)] {
    name_this_thread(name);
    body();
  }};
}

}  // namespace

thread::thread(const std::string& name, std::function<void()> body)
    : running_(start(name, std::move(body))) {}

void thread::join() {
  if (running_.joinable()) running_.join();
}

void run_apart(const std::string& name, std::function<void()> body) {
  start(name, std::move(body)).detach();
}

void name_this_thread(const std::string& name) noexcept {
  std::array<char, 16> kept{};
  name.copy(kept.data(), kept.size() - 1);
  ::pthread_setname_np(::pthread_self(), kept.data());
}

}  // namespace factord

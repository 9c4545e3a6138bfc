#include "server/net/process.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>

namespace factord::net {
namespace {

// Descriptors for the store, listeners, epoll and refusals.
constexpr std::size_t reserved_files = 256;

void mask_signals(int how) noexcept {
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&signals, signal);
  ::pthread_sigmask(how, &signals, nullptr);
}

}  // namespace

void prepare_process() noexcept {
  mask_signals(SIG_BLOCK);
  ::umask(S_IRWXG | S_IRWXO);
  std::signal(SIGPIPE, SIG_IGN);
}

void admit_signals() noexcept { mask_signals(SIG_UNBLOCK); }

std::size_t fit_connections(std::size_t wanted) noexcept {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return wanted;
  if (files.rlim_cur < files.rlim_max) {
    rlimit raised = files;
    raised.rlim_cur = files.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) files = raised;
  }
  const auto available = static_cast<std::size_t>(files.rlim_cur);
  const std::size_t room = available > reserved_files ? available - reserved_files : 1;
  return std::min(wanted, room);
}

}  // namespace factord::net

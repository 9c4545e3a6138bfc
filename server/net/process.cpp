#include "server/net/process.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>

namespace factord::net {
namespace {

// Descriptors for the store, listeners, epoll and refusals.
constexpr std::size_t reserved_files = 256;

}  // namespace

void prepare_process() noexcept {
  ::umask(S_IRWXG | S_IRWXO);
  std::signal(SIGPIPE, SIG_IGN);
}

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

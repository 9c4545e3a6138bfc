#include "server/signals.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include "server/base/log.hpp"
#include "server/net/sockets.hpp"
#include "server/process.hpp"

namespace factord {

operator_signals::operator_signals(net::runtime& server) : server_(server) {
  const sigset_t awaited = awaited_signals();
  net::unique_fd opened{::signalfd(-1, &awaited, SFD_NONBLOCK | SFD_CLOEXEC)};
  if (!opened.ok()) throw std::system_error(errno, std::generic_category(), "waiting for signals");
  server_.watch(std::move(opened), [this](int fd) {
    signalfd_siginfo got{};
    if (::read(fd, &got, sizeof(got)) == sizeof(got))
      heed(static_cast<int>(got.ssi_signo), got.ssi_pid);
  });
}

void operator_signals::heed(int signal, std::uint32_t sender) {
  if (signal == SIGHUP) return server_.request_reload();
  if (told_to_stop_) {
    log::warn("second signal: ending at once", {{"signal", signal}, {"sender", sender}});
    log::flush();
    ::_exit(1);
  }
  told_to_stop_ = true;
  log::info("stopping", {{"signal", signal}, {"sender", sender}});
  server_.request_stop();
}

}  // namespace factord

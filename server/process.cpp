#include "server/process.hpp"

#include <sys/stat.h>

#include <initializer_list>

#include "server/base/log.hpp"
#include "server/protocol/messages/proto_messages.hpp"

namespace factord {
namespace {

// All that ends or stops a process by default, says nothing about a fault of its own, and is sent
// by somebody who means something else: log rotation, timers of a shell, its jobs, a power supply.
void ignore_signals() noexcept {
  for (const int signal : {SIGPIPE, SIGXFSZ, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGIO,
                           SIGPWR, SIGSTKFLT, SIGTTIN, SIGTTOU})
    std::signal(signal, SIG_IGN);
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal) std::signal(signal, SIG_IGN);
}

}  // namespace

void prepare_process() noexcept {
  const sigset_t awaited = awaited_signals();
  ::pthread_sigmask(SIG_BLOCK, &awaited, nullptr);
  ::umask(S_IRWXG | S_IRWXO);
  ignore_signals();
  log::set_sink(log::stderr_sink());
  protocol::silence_protobuf_log();
}

sigset_t awaited_signals() noexcept {
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGQUIT, SIGHUP}) ::sigaddset(&signals, signal);
  return signals;
}

}  // namespace factord

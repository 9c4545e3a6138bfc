#include "server/process.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <exception>
#include <initializer_list>
#include <string_view>

#include "server/base/log.hpp"
#include "server/protocol/messages/proto_messages.hpp"
#include "storage/base/want_of_memory.hpp"

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

std::terminate_handler end_of_faults = nullptr;

// What was said before is what led to it.
[[noreturn]] void end_by_fault() noexcept {
  log::flush();
  end_of_faults();
  std::abort();
}

// Not by the log, whose lines take memory.
constexpr std::string_view out_of_memory =
    R"({"level":"error","msg":"the process ends","cause":"out of memory"})"
    "\n";

}  // namespace

void prepare_process() noexcept {
  end_of_faults = std::set_terminate(end_by_fault);
  end_where_memory_is_wanting(out_of_memory);
  const sigset_t awaited = awaited_signals();
  ::pthread_sigmask(SIG_BLOCK, &awaited, nullptr);
  ::umask(S_IRWXG | S_IRWXO);
  ignore_signals();
  log::set_sink(log::stderr_sink());
  protocol::silence_protobuf_log();
}

threaded_log::threaded_log() : to_(STDERR_FILENO) {
  log::set_sink([this](log::level, std::string_view line) { return to_.put(line); },
                [this] { to_.flush(); });
}

threaded_log::~threaded_log() { log::set_sink(log::stderr_sink()); }

sigset_t awaited_signals() noexcept {
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGQUIT, SIGHUP}) ::sigaddset(&signals, signal);
  return signals;
}

bool is_told_to_end() noexcept {
  sigset_t waiting;
  ::sigpending(&waiting);
  return ::sigismember(&waiting, SIGTERM) == 1 || ::sigismember(&waiting, SIGINT) == 1 ||
         ::sigismember(&waiting, SIGQUIT) == 1;
}

}  // namespace factord

#pragma once

#include <csignal>

#include "server/base/log_writer.hpp"

/// What is a process's and not a server's. Only programs have it (tools/lint: "process"): a server
/// can be started and stopped inside another process, which keeps its own.
namespace factord {

/// Makes this process factord's: files are ours alone (umask 077), a peer that went away and a file
/// that is too large are errors of the write, signals that mean nothing to a server are ignored,
/// those of awaited_signals() interrupt no thread, a thread that has no memory to go on ends the
/// process with 1, the log goes to stderr, and nobody else writes between its lines. Before any
/// thread is started: all that will be, those of libraries too, inherit it.
void prepare_process() noexcept;

/// As long as it is there, the log is written by a thread of its own, so that nobody who serves
/// waits for whoever reads it. After prepare_process(); before other threads that log, and gone
/// after them.
class threaded_log {
 public:
  threaded_log();
  ~threaded_log();
  threaded_log(const threaded_log&) = delete;
  threaded_log& operator=(const threaded_log&) = delete;

 private:
  log_writer to_;
};

/// SIGTERM, SIGINT, SIGQUIT and SIGHUP. They wait, also while a server starts, until a signalfd is
/// read.
[[nodiscard]] sigset_t awaited_signals() noexcept;

/// Whether one of them waits that asks for the end.
[[nodiscard]] bool is_told_to_end() noexcept;

}  // namespace factord

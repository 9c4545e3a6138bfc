#pragma once

#include <csignal>

namespace factord::net {

/// What holds for the whole process: files are ours alone (umask 077), a peer that went away and a
/// file that is too large are errors of the write, signals that mean nothing to a server are
/// ignored, and those of awaited_signals() interrupt no thread. Before any thread is started: all
/// that will be, those of libraries too, inherit it.
void prepare_process() noexcept;

/// SIGTERM, SIGINT, SIGQUIT and SIGHUP. They wait, also while a server starts, until a signalfd is
/// read.
[[nodiscard]] sigset_t awaited_signals() noexcept;

}  // namespace factord::net

#pragma once

#include <cstddef>

namespace factord::net {

/// What holds for the whole process: files are ours alone (umask 077), a peer that went away is an
/// error of the write, not a signal, and SIGTERM, SIGINT and SIGHUP wait for admit_signals(), so
/// that a start that is told to end does so in good order. Before any thread is started.
void prepare_process() noexcept;

/// Whoever handles these signals is ready: those that came since prepare_process() come now. Called
/// on one thread, which gets them all.
void admit_signals() noexcept;

/// Raises RLIMIT_NOFILE to its hard limit and returns how many connections fit under it: at most
/// `wanted`, at least one.
[[nodiscard]] std::size_t fit_connections(std::size_t wanted) noexcept;

}  // namespace factord::net

#pragma once

#include <cstddef>

namespace factord::net {

/// What holds for the whole process: files are ours alone (umask 077), and a peer that went away is
/// an error of the write, not a signal. Before any thread is started.
void prepare_process() noexcept;

/// Raises RLIMIT_NOFILE to its hard limit and returns how many connections fit under it: at most
/// `wanted`, at least one.
[[nodiscard]] std::size_t fit_connections(std::size_t wanted) noexcept;

}  // namespace factord::net

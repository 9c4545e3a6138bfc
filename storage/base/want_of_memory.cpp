#include "storage/base/want_of_memory.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <new>
#include <utility>

#include "storage/base/shortage.hpp"

namespace factord {
namespace {

// What a process has left that goes on: where it is less, that is why somebody aborts.
constexpr std::size_t enough_bytes = std::size_t{4} << 20U;

std::string_view last_line;
std::terminate_handler end_of_faults = nullptr;

// It may have come in a signal handler, so it allocates nothing.
[[noreturn]] void end_process() noexcept {
  if (::write(STDERR_FILENO, last_line.data(), last_line.size()) < 0) {
    // Nobody reads it.
  }
  std::_Exit(EXIT_FAILURE);
}

// Without an exception it may be one that could not be made.
bool is_for_want_of_memory() noexcept {
  // To throw it again takes memory as well, and comes here once more where there is none.
  thread_local bool asked = false;
  if (std::exchange(asked, true)) return true;
  if (!std::current_exception()) return !has_memory(enough_bytes);
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return true;
  } catch (...) {
    return false;
  }
}

[[noreturn]] void on_terminate() noexcept {
  if (is_for_want_of_memory()) end_process();
  end_of_faults();
  std::abort();
}

// Whoever sent it (a service manager, to what hangs) did not call abort(), which would go on.
void on_abort(int signal) noexcept {
  if (!has_memory(enough_bytes)) end_process();
  std::signal(signal, SIG_DFL);
  std::raise(signal);  // once this has returned
}

}  // namespace

void end_where_memory_is_wanting(std::string_view line) noexcept {
  last_line = line;
  end_of_faults = std::set_terminate(on_terminate);
  std::signal(SIGABRT, on_abort);
}

}  // namespace factord

#include "storage/base/descriptors.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <initializer_list>

namespace factord {

namespace {

// Where it cannot be told.
constexpr std::size_t usual_limit = 1024;

}  // namespace

void open_standard_files() noexcept {
  for (const int wanted : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(wanted, F_GETFD) >= 0 || errno != EBADF) continue;
    // The lowest that is free, so the wanted one.
    int opened = ::open("/dev/null", wanted == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    // In a root without devices: a descriptor that can be neither read nor written.
    if (opened < 0) opened = ::open("/", O_PATH | O_DIRECTORY);
    if (opened != wanted) std::_Exit(EXIT_FAILURE);
  }
}

std::size_t raise_descriptor_limit() noexcept {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return usual_limit;
  if (files.rlim_cur < files.rlim_max) {
    rlimit raised = files;
    raised.rlim_cur = files.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) files = raised;
  }
  return static_cast<std::size_t>(files.rlim_cur);
}

}  // namespace factord

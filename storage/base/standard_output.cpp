#include "storage/base/standard_output.hpp"

#include <cstdio>
#include <cstdlib>

namespace factord {

result<void> flush_output() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return {};
  return error{errc::io_error, "standard output cannot be written"};
}

int end_output(const char* program, int code) {
  const auto flushed = flush_output();
  if (flushed) return code;
  std::fprintf(stderr, "%s: %s\n", program, flushed.error().message.c_str());
  return EXIT_FAILURE;
}

}  // namespace factord

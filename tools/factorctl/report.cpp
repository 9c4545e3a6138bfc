#include "tools/factorctl/report.hpp"

#include <csignal>
#include <cstdio>

#include "storage/base/standard_output.hpp"

namespace factord::ctl {

result<exit_code> report(const std::string& text, const std::string& done) {
  std::signal(SIGPIPE, SIG_IGN);
  std::fputs(text.c_str(), stdout);
  const auto flushed = flush_output();
  if (!flushed) return error{flushed.error().code, flushed.error().message + ", but " + done};
  return exit_code::success;
}

}  // namespace factord::ctl

#include "server/metrics/process_facts.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace factord::metrics {
namespace {

// When the machine was started, by /proc/stat.
double boot_time() {
  std::ifstream file("/proc/stat");
  std::string name;
  double value = 0;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("btime ")) continue;
    std::istringstream(line) >> name >> value;
    break;
  }
  return value;
}

// The fields of proc_pid_stat(5) from the third on, which are numbers but for that one. The second
// is a name, in which anything may be.
void read_stat(process_facts& out) {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  const std::size_t behind_name = line.rfind(')');
  if (behind_name == std::string::npos) return;
  std::istringstream fields(line.substr(behind_name + 1));
  std::string skipped;
  for (int field = 3; field < 20; ++field) fields >> skipped;
  double ticks = 0;
  fields >> out.threads >> skipped >> ticks >> out.virtual_bytes >> out.resident_bytes;
  out.resident_bytes *= static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  static const double booted = boot_time();
  out.start_time = booted + ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::uint64_t count_open_files() {
  const char* const folder = "/proc/self/fd";
  // Linux tells since 6.2, without a look at each.
  struct stat found {};
  if (::stat(folder, &found) == 0 && found.st_size > 0)
    return static_cast<std::uint64_t>(found.st_size);
  std::error_code unknown;
  const std::filesystem::directory_iterator all(folder, unknown);
  return unknown ? 0 : static_cast<std::uint64_t>(std::distance(begin(all), end(all)));
}

}  // namespace

process_facts process_facts::read() {
  process_facts out;
  timespec spent{};
  if (::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent) == 0)
    out.cpu_seconds = static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
  read_stat(out);
  out.open_files = count_open_files();
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) out.most_files = files.rlim_cur;
  return out;
}

}  // namespace factord::metrics

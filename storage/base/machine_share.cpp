#include "storage/base/machine_share.hpp"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>

namespace factord {
namespace {

namespace fs = std::filesystem;

// What version 1 says where there is no limit is near the largest number that there is.
constexpr std::uint64_t no_limit = std::uint64_t{1} << 60U;

// Those that it may run on.
unsigned allowed_cores() {
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof(allowed), &allowed) == 0)
    return static_cast<unsigned>(std::max(1, CPU_COUNT(&allowed)));
  // More than there is room for.
  return std::max(1U, std::thread::hardware_concurrency());
}

/// A file of a control group: its first numbers, where it holds such.
struct numbers {
  std::optional<double> first;
  std::optional<double> second;
};

numbers read_numbers(const fs::path& file) {
  std::ifstream in(file);
  numbers found;
  double number = 0;
  if (in >> number) found.first = number;
  if (found.first && in >> number) found.second = number;
  return found;
}

template <class T>
void lower(std::optional<T>& limit, T other) {
  limit = limit ? std::min(*limit, other) : other;
}

struct group_limits {
  std::optional<double> cores;
  std::optional<std::uint64_t> memory_bytes;

  void add_cores(const std::optional<double>& quota, const std::optional<double>& period) {
    if (quota && period && *quota > 0 && *period > 0) lower(cores, *quota / *period);
  }
  void add_memory(const std::optional<double>& bytes) {
    if (bytes && *bytes >= 0 && *bytes < static_cast<double>(no_limit))
      lower(memory_bytes, static_cast<std::uint64_t>(*bytes));
  }
};

// Of a group and all that it is in: `look` is called with each folder.
template <class Look>
void for_each_above(const fs::path& mount, const std::string& group, const Look& look) {
  // From within a container that has the host's view of groups, its own are not to be seen.
  fs::path at = (mount / fs::path(group).relative_path()).lexically_normal();
  if (std::ranges::mismatch(mount, at).in1 != mount.end()) at = mount;
  for (;; at = at.parent_path()) {
    look(at);
    if (at.native().size() <= mount.native().size()) return;
  }
}

bool has_controller(std::string_view list, std::string_view wanted) {
  std::istringstream in{std::string(list)};
  for (std::string one; std::getline(in, one, ',');) {
    if (one == wanted) return true;
  }
  return false;
}

// A line of /proc/self/cgroup: "0::/path", or of version 1 "4:cpu,cpuacct:/path".
void add_group(const std::string& line, const fs::path& mount, group_limits& out) {
  const std::size_t first = line.find(':');
  const std::size_t second = line.find(':', first == std::string::npos ? first : first + 1);
  if (second == std::string::npos) return;
  const std::string controllers = line.substr(first + 1, second - first - 1);
  const std::string group = line.substr(second + 1);
  if (controllers.empty()) {
    for_each_above(mount, group, [&out](const fs::path& at) {
      // "max 100000": no number comes first.
      const numbers cpu = read_numbers(at / "cpu.max");
      out.add_cores(cpu.first, cpu.second);
      out.add_memory(read_numbers(at / "memory.max").first);
    });
  }
  if (has_controller(controllers, "cpu")) {
    for_each_above(mount / "cpu", group, [&out](const fs::path& at) {
      out.add_cores(read_numbers(at / "cpu.cfs_quota_us").first,
                    read_numbers(at / "cpu.cfs_period_us").first);
    });
  }
  if (has_controller(controllers, "memory")) {
    for_each_above(mount / "memory", group, [&out](const fs::path& at) {
      out.add_memory(read_numbers(at / "memory.limit_in_bytes").first);
    });
  }
}

}  // namespace

machine_share find_machine_share(const fs::path& root) {
  group_limits limits;
  std::ifstream groups(root / "proc/self/cgroup");
  for (std::string line; std::getline(groups, line);)
    add_group(line, root / "sys/fs/cgroup", limits);
  machine_share share{allowed_cores(), limits.memory_bytes};
  if (limits.cores) {
    const auto quota = static_cast<unsigned>(std::ceil(std::min(*limits.cores, 65'536.0)));
    share.cores = std::clamp(quota, 1U, share.cores);
  }
  return share;
}

}  // namespace factord

#include "storage/base/machine_share.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <fstream>
#include <string>
#include <string_view>

#include "tests/unit/support/temp_directory.hpp"

namespace factord::machine_share_test {
namespace {

namespace fs = std::filesystem;

unsigned allowed() {
  cpu_set_t set;
  EXPECT_EQ(::sched_getaffinity(0, sizeof(set), &set), 0);
  return static_cast<unsigned>(CPU_COUNT(&set));
}

class machine_share_test : public ::testing::Test {
 protected:
  machine_share_test() { write("proc/self/cgroup", "0::/\n"); }

  void write(const std::string& name, std::string_view text) const {
    const fs::path path = directory_.path() / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  [[nodiscard]] machine_share look() const { return find_machine_share(directory_.path()); }

  const temp_directory directory_;
};

TEST_F(machine_share_test, without_limits_it_is_what_the_affinity_says) {
  EXPECT_EQ(look().cores, allowed());
  EXPECT_FALSE(look().memory_bytes);
  write("sys/fs/cgroup/cpu.max", "max 100000\n");
  write("sys/fs/cgroup/memory.max", "max\n");
  EXPECT_EQ(look().cores, allowed());
  EXPECT_FALSE(look().memory_bytes);
}

TEST_F(machine_share_test, a_part_of_a_core_is_one) {
  for (const std::string text : {"1000 100000\n", "50000 100000\n", "100000 100000\n"}) {
    write("sys/fs/cgroup/cpu.max", text);
    EXPECT_EQ(look().cores, 1U) << text;
  }
  write("sys/fs/cgroup/cpu.max", "150000 100000\n");
  EXPECT_EQ(look().cores, std::min(2U, allowed()));
  write("sys/fs/cgroup/cpu.max", "6400000 100000\n");
  EXPECT_EQ(look().cores, allowed());
}

TEST_F(machine_share_test, the_least_of_a_group_and_those_that_it_is_in_holds) {
  write("proc/self/cgroup", "0::/pod/container\n");
  write("sys/fs/cgroup/pod/container/memory.max", "max\n");
  write("sys/fs/cgroup/pod/memory.max", "536870912\n");
  write("sys/fs/cgroup/pod/cpu.max", "100000 100000\n");
  write("sys/fs/cgroup/pod/container/cpu.max", "800000 100000\n");
  EXPECT_EQ(look().memory_bytes, 536'870'912U);
  EXPECT_EQ(look().cores, 1U);
  write("sys/fs/cgroup/pod/container/memory.max", "268435456\n");
  EXPECT_EQ(look().memory_bytes, 268'435'456U);
}

TEST_F(machine_share_test, a_group_that_is_not_to_be_seen_is_the_one_that_is) {
  write("sys/fs/cgroup/memory.max", "536870912\n");
  for (const std::string group : {"/../pod", "/..", "/../a-name-as-long-as-that-of-a-pod.slice"}) {
    write("proc/self/cgroup", "0::" + group + "\n");
    EXPECT_EQ(look().memory_bytes, 536'870'912U) << group;
  }
}

TEST_F(machine_share_test, version_1_says_it_in_other_files) {
  write("proc/self/cgroup",
        "12:memory:/docker/a\n4:cpu,cpuacct:/docker/a\n3:cpuset:/docker/a\n0::/x\n");
  write("sys/fs/cgroup/memory/docker/a/memory.limit_in_bytes", "1073741824\n");
  write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  write("sys/fs/cgroup/cpu/docker/a/cpu.cfs_quota_us", "50000\n");
  write("sys/fs/cgroup/cpu/docker/a/cpu.cfs_period_us", "100000\n");
  write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(look().memory_bytes, 1'073'741'824U);
  EXPECT_EQ(look().cores, 1U);
}

TEST_F(machine_share_test, what_cannot_be_understood_limits_nothing) {
  for (const std::string text : {"", "\n", "nonsense\n", "0::\n", "0::/../..\n", "::::\n"}) {
    write("proc/self/cgroup", text);
    EXPECT_EQ(look().cores, allowed()) << text;
    EXPECT_FALSE(look().memory_bytes) << text;
  }
  write("proc/self/cgroup", "0::/\n");
  write("sys/fs/cgroup/cpu.max", "0 0\n");
  write("sys/fs/cgroup/memory.max", "much\n");
  EXPECT_EQ(look().cores, allowed());
  EXPECT_FALSE(look().memory_bytes);
}

TEST_F(machine_share_test, of_this_machine_there_is_some) {
  EXPECT_GE(find_machine_share().cores, 1U);
  EXPECT_LE(find_machine_share().cores, allowed());
}

}  // namespace
}  // namespace factord::machine_share_test

#include "storage/base/descriptors.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace factord::descriptors_test {
namespace {

// Whether `check` holds in a process in which `closed` were closed, and then opened.
bool holds_without(const std::vector<int>& closed, auto check) {
  const pid_t child = ::fork();
  if (child == 0) {
    for (const int fd : closed) ::close(fd);
    open_standard_files();
    ::_exit(check() ? 0 : 1);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(descriptors_test, no_file_gets_a_standard_descriptor_that_was_closed) {
  for (const std::vector<int>& closed :
       {std::vector<int>{}, {0}, {1}, {2}, {0, 1}, {1, 2}, {0, 2}, {0, 1, 2}}) {
    EXPECT_TRUE(holds_without(closed, [] { return ::open("/dev/null", O_RDONLY) > 2; }));
  }
}

TEST(descriptors_test, output_that_is_lost_is_an_error) {
  char byte = 'x';
  EXPECT_TRUE(holds_without({0, 1, 2}, [&byte] {
    return ::write(1, &byte, 1) < 0 && errno == EBADF && ::write(2, &byte, 1) < 0 &&
           errno == EBADF && ::read(0, &byte, 1) < 0 && errno == EBADF;
  }));
}

TEST(descriptors_test, what_is_open_stays_what_it_is) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  EXPECT_TRUE(holds_without({}, [&ends] {
    ::dup2(ends[1], 1);
    open_standard_files();
    return ::write(1, "x", 1) == 1;
  }));
  char byte = 0;
  EXPECT_EQ(::read(ends[0], &byte, 1), 1);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(descriptors_test, the_limit_is_raised_to_the_hard_one) {
  rlimit files{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
  EXPECT_EQ(raise_descriptor_limit(), files.rlim_max);
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
  EXPECT_EQ(files.rlim_cur, files.rlim_max);
}

}  // namespace
}  // namespace factord::descriptors_test

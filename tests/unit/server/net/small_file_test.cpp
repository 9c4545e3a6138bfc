#include "server/net/small_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "server/net/sockets.hpp"
#include "tests/unit/support/temp_directory.hpp"

namespace factord::net::small_file_test {
namespace {

using namespace std::chrono_literals;

class small_file_test : public ::testing::Test {
 protected:
  [[nodiscard]] std::string path() const { return (directory_.path() / "file").string(); }
  void expect_refused(const std::string& path, const std::string& why) const {
    const auto read = read_small_file(path, 100, 10ms);
    ASSERT_FALSE(read) << path;
    EXPECT_EQ(read.error().code, errc::bad_argument);
    EXPECT_EQ(read.error().message, path + ": cannot be read: " + why);
  }

  const temp_directory directory_;
};

TEST_F(small_file_test, at_the_limit_and_one_past_it) {
  for (const std::size_t size : {0, 1, 99, 100}) {
    std::ofstream(path()) << std::string(size, 'x');
    const auto read = read_small_file(path(), 100, 10ms);
    ASSERT_TRUE(read) << size;
    EXPECT_EQ(*read, std::string(size, 'x'));
  }
  std::ofstream(path()) << std::string(101, 'x');
  expect_refused(path(), "it has more than 100 bytes");
}

TEST_F(small_file_test, what_is_no_file) {
  expect_refused(directory_.path().string(), "Is a directory");
  expect_refused(path(), "No such file or directory");
  expect_refused(path() + "/x", "No such file or directory");
  expect_refused("/dev/zero", "it has more than 100 bytes");
  EXPECT_EQ(read_small_file("/dev/null", 100, 10ms).value(), "");
}

TEST_F(small_file_test, a_pipe_is_read_to_its_end_and_waited_for_no_longer_than_told) {
  ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
  expect_refused(path(), "nobody writes into it");
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const unique_fd out(ends[0]);
  unique_fd in(ends[1]);
  ASSERT_EQ(::write(in.get(), "bytes", 5), 5);
  const std::string name = "/proc/self/fd/" + std::to_string(out.get());
  expect_refused(name, "nobody writes into it");
  ASSERT_EQ(::write(in.get(), "bytes", 5), 5);
  in = unique_fd();
  EXPECT_EQ(read_small_file(name, 100, 10ms).value(), "bytes");
}

class private_file_test : public small_file_test {
 protected:
  ~private_file_test() override { ::unsetenv("CREDENTIALS_DIRECTORY"); }
  void write(mode_t mode) const {
    std::ofstream(path()) << "secret";
    ASSERT_EQ(::chmod(path().c_str(), mode), 0);
  }
};

TEST_F(private_file_test, its_owner_alone_may_read_it) {
  for (const mode_t mode : {0400U, 0600U, 0700U}) {
    write(mode);
    EXPECT_EQ(read_private_file(path(), 100).value(), "secret") << mode;
  }
  for (const mode_t mode : {0604U, 0640U, 0644U, 0620U, 0602U, 0610U, 0601U}) {
    write(mode);
    const auto read = read_private_file(path(), 100);
    ASSERT_FALSE(read) << mode;
    EXPECT_EQ(read.error().code, errc::bad_argument);
    EXPECT_EQ(read.error().message, path() +
                                        " holds a secret, and others than its owner may read "
                                        "it: mode 0600 is needed");
  }
}

TEST_F(private_file_test, of_a_credential_the_groups_bits_are_a_mask) {
  write(0440);
  ::setenv("CREDENTIALS_DIRECTORY", directory_.path().c_str(), 1);
  EXPECT_TRUE(read_private_file(path(), 100));
  write(0444);
  EXPECT_FALSE(read_private_file(path(), 100));
  write(0460);
  EXPECT_FALSE(read_private_file(path(), 100));
  write(0440);
  ::setenv("CREDENTIALS_DIRECTORY", "/no/such", 1);
  EXPECT_FALSE(read_private_file(path(), 100));
}

TEST_F(private_file_test, is_a_plain_file_of_some_size) {
  write(0600);
  EXPECT_FALSE(read_private_file(path(), 5));
  EXPECT_FALSE(read_private_file(path() + "2", 5));
  EXPECT_NE(read_private_file(directory_.path(), 5).error().message.find("it is no plain file"),
            std::string::npos);
  ASSERT_EQ(::mkfifo((path() + "p").c_str(), 0600), 0);
  EXPECT_NE(read_private_file(path() + "p", 5).error().message.find("it is no plain file"),
            std::string::npos);
}

}  // namespace
}  // namespace factord::net::small_file_test

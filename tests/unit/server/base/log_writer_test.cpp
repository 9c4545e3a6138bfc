#include "server/base/log_writer.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "server/base/log.hpp"
#include "tests/unit/support/temp_directory.hpp"

namespace factord::log_writer_test {
namespace {

std::string read_all(int fd) {
  std::string all;
  std::array<char, 4096> piece;
  for (ssize_t size = 0; (size = ::read(fd, piece.data(), piece.size())) > 0;)
    all.append(piece.data(), static_cast<std::size_t>(size));
  return all;
}

/// A pipe of one page whose reader takes what it likes.
class pipe_of_a_log : public ::testing::Test {
 protected:
  pipe_of_a_log() {
    EXPECT_EQ(::pipe2(ends_.data(), O_CLOEXEC), 0);
    EXPECT_EQ(::fcntl(ends_[1], F_SETPIPE_SZ, 4096), 4096);
  }
  ~pipe_of_a_log() override {
    close_reader();
    close_writer();
  }

  void close_writer() { close_end(1); }
  void close_reader() { close_end(0); }
  [[nodiscard]] int reader() const { return ends_[0]; }
  [[nodiscard]] int writer() const { return ends_[1]; }

 private:
  void close_end(std::size_t which) {
    if (ends_[which] >= 0) ::close(ends_[which]);
    ends_[which] = -1;
  }
  std::array<int, 2> ends_{-1, -1};
};

TEST_F(pipe_of_a_log, lines_come_out_as_they_went_in) {
  std::string seen;
  {
    std::thread reading([this, &seen] { seen = read_all(reader()); });
    {
      log_writer log(writer());
      for (int i = 0; i < 3'000; ++i) EXPECT_TRUE(log.put("line " + std::to_string(i)));
      EXPECT_TRUE(log.put(std::string(10'000, 'x'))) << "longer than the pipe";
    }
    close_writer();
    reading.join();
  }
  std::string expected;
  for (int i = 0; i < 3'000; ++i) expected += "line " + std::to_string(i) + "\n";
  EXPECT_EQ(seen, expected + std::string(10'000, 'x') + "\n");
}

TEST_F(pipe_of_a_log, what_nobody_reads_is_lost_and_counted_and_nobody_waits) {
  const std::string line(99, 'y');
  constexpr std::size_t room = 20'000;
  ASSERT_EQ(::write(writer(), std::string(4096, 'x').data(), 4096), 4096) << "no room is left";
  std::size_t taken = 0;
  {
    log_writer log(writer(), room);
    // More than may wait: then what came first is with the thread that writes, which takes no more.
    while (taken <= room / 100) taken += log.put(line) ? 1 : 0;
    while (log.put(line)) ++taken;
    EXPECT_LE(taken, 2 * room / 100) << "what waits, and what is being written";
    EXPECT_FALSE(log.put(line));
    EXPECT_FALSE(log.put(std::string(room, 'z'))) << "longer than there ever is room for";

    // Once somebody reads, the log says what is missing.
    std::array<char, 4096> piece;
    std::string seen;
    while (seen.find("lines of the log were lost") == std::string::npos) {
      const ssize_t size = ::read(reader(), piece.data(), piece.size());
      ASSERT_GT(size, 0);
      seen.append(piece.data(), static_cast<std::size_t>(size));
    }
    EXPECT_NE(seen.find("\"lines\":"), std::string::npos);
  }
}

TEST_F(pipe_of_a_log, its_end_does_not_wait_for_a_reader) {
  const std::uint64_t lost_before = log::lost();
  {
    log_writer log(writer());
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(log.put(std::string(99, 'y')));
  }
  const std::uint64_t lost = log::lost() - lost_before;
  EXPECT_GE(lost, 60U) << "the pipe holds 40";
  EXPECT_LE(lost, 100U);
}

TEST_F(pipe_of_a_log, a_reader_that_is_gone_costs_lines_alone) {
  const std::uint64_t lost_before = log::lost();
  std::signal(SIGPIPE, SIG_IGN);
  close_reader();
  {
    log_writer log(writer());
    EXPECT_TRUE(log.put("a"));
    log.flush();
    EXPECT_TRUE(log.put("b"));
  }
  EXPECT_EQ(log::lost() - lost_before, 2U);
}

TEST_F(pipe_of_a_log, flush_returns_once_it_is_written) {
  log_writer log(writer());
  EXPECT_TRUE(log.put("hello"));
  log.flush();
  ::fcntl(reader(), F_SETFL, O_NONBLOCK);
  EXPECT_EQ(read_all(reader()), "hello\n");
}

TEST(log_writer, writes_files_from_several_threads_line_by_line) {
  const temp_directory directory;
  const auto path = directory.path() / "log";
  const int fd = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  ASSERT_GE(fd, 0);
  {
    log_writer log(fd);
    std::vector<std::jthread> writers;
    for (int i = 0; i < 4; ++i)
      writers.emplace_back([&log, i] {
        for (int n = 0; n < 500; ++n)
          EXPECT_TRUE(log.put(std::string(50, static_cast<char>('a' + i))));
      });
  }
  ::lseek(fd, 0, SEEK_SET);
  const std::string all = read_all(fd);
  ::close(fd);
  ASSERT_EQ(all.size(), 4U * 500 * 51);
  for (std::size_t at = 0; at < all.size(); at += 51)
    EXPECT_EQ(all.substr(at, 51), std::string(50, all[at]) + "\n");
}

}  // namespace
}  // namespace factord::log_writer_test

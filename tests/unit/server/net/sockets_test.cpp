#include "server/net/sockets.hpp"

#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <latch>
#include <optional>
#include <vector>

#include "tests/unit/server/net/client.hpp"
#include "tests/unit/support/temp_directory.hpp"

namespace factord::net::sockets_test {
namespace {

class sockets_test : public ::testing::Test {
 protected:
  [[nodiscard]] listen_address at(const std::string& name) const {
    listen_address address;
    address.path = (directory_.path() / name).string();
    return address;
  }

  const temp_directory directory_;
};

TEST_F(sockets_test, port_0_picks_one_that_is_then_taken) {
  const auto first = listen_tcp(parse_listen_address("127.0.0.1:0").value());
  ASSERT_TRUE(first);
  EXPECT_NE(first->address.port, 0);
  const auto second = listen_tcp(first->address);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, errc::unavailable);
}

TEST_F(sockets_test, a_unix_socket_is_ours_alone) {
  const auto listening = listen_unix(at("s"));
  ASSERT_TRUE(listening);
  struct stat found {};
  ASSERT_EQ(::stat(at("s").path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
  testing::client peer(at("s").path);
  const unique_fd accepted(::accept(listening->fd.get(), nullptr, nullptr));
  EXPECT_EQ(peer_user(accepted.get()), static_cast<long>(::getuid()));
}

TEST_F(sockets_test, others_may_connect_where_that_is_asked_for) {
  listen_address wanted = at("s");
  wanted.mode = 0660;
  wanted.group = ::getegid();
  const auto listening = listen_unix(wanted);
  ASSERT_TRUE(listening) << listening.error().message;
  struct stat found {};
  ASSERT_EQ(::stat(wanted.path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777U, 0660U);
  EXPECT_EQ(found.st_gid, ::getegid());
  testing::client reached(wanted.path);
}

TEST_F(sockets_test, at_no_time_may_more_connect_than_was_asked_for) {
  const gid_t others = ::geteuid() == 0 ? 4242 : ::getegid();
  listen_address wanted = at("s");
  wanted.mode = 0660;
  wanted.group = others;
  std::atomic<bool> done = false;
  auto watch = std::async(std::launch::async, [&] {
    std::size_t faults = 0;
    while (!done.load()) {
      struct stat found {};
      if (::lstat(wanted.path.c_str(), &found) != 0) continue;
      const auto mode = found.st_mode & 0777U;
      const bool closed = mode == 0600U;
      const bool open = mode == 0660U && found.st_gid == others;
      faults += closed || open ? 0 : 1;
    }
    return faults;
  });
  for (int round = 0; round < 300; ++round) {
    auto listening = listen_unix(wanted);
    ASSERT_TRUE(listening) << listening.error().message;
    listening->file.remove();
  }
  done = true;
  EXPECT_EQ(watch.get(), 0U);
}

/// Root may give a file to any group, so it is nobody for a while.
class nobody {
 public:
  nobody() : was_root_(::geteuid() == 0) {
    if (!was_root_) return;
    groups_.resize(static_cast<std::size_t>(std::max(0, ::getgroups(0, nullptr))));
    EXPECT_GE(::getgroups(static_cast<int>(groups_.size()), groups_.data()), 0);
    EXPECT_EQ(::setgroups(0, nullptr), 0);
    EXPECT_EQ(::setegid(id), 0);
    EXPECT_EQ(::seteuid(id), 0);
  }
  ~nobody() {
    if (!was_root_) return;
    EXPECT_EQ(::seteuid(0), 0);
    EXPECT_EQ(::setegid(0), 0);
    EXPECT_EQ(::setgroups(groups_.size(), groups_.data()), 0);
  }
  nobody(const nobody&) = delete;
  nobody& operator=(const nobody&) = delete;

  static constexpr uid_t id = 65534;

 private:
  const bool was_root_;
  std::vector<gid_t> groups_;
};

TEST_F(sockets_test, a_group_that_is_not_ours_to_give_leaves_nothing_behind) {
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown(directory_.path().c_str(), nobody::id, nobody::id), 0);
  }
  const nobody now;
  listen_address wanted = at("s");
  wanted.group = 0;
  wanted.group_name = "root";
  const auto refused = listen_unix(wanted);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("its group cannot be root: uid "), std::string::npos);
  EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
}

TEST_F(sockets_test, a_socket_that_answers_is_left_alone) {
  const auto first = listen_unix(at("s"));
  ASSERT_TRUE(first);
  EXPECT_FALSE(listen_unix(at("s")));
  testing::client still_there(at("s").path);
}

TEST_F(sockets_test, a_stale_socket_is_replaced) {
  { const auto dead = listen_unix(at("s")); }
  ASSERT_TRUE(std::filesystem::exists(at("s").path));
  EXPECT_TRUE(listen_unix(at("s")));
}

TEST_F(sockets_test, a_file_that_is_no_socket_is_left_alone) {
  std::ofstream(at("s").path) << "precious";
  EXPECT_FALSE(listen_unix(at("s")));
  EXPECT_EQ(std::filesystem::file_size(at("s").path), 8U);
}

TEST_F(sockets_test, a_path_longer_than_a_socket_address) {
  const std::string deep = std::string(90, 'a') + "/" + std::string(90, 'b');
  std::filesystem::create_directories(directory_.path() / deep);
  EXPECT_TRUE(listen_unix(at(deep + "/s")));
  EXPECT_TRUE(std::filesystem::is_socket(directory_.path() / deep / "s"));
  EXPECT_FALSE(listen_unix(at(std::string(200, 'c')))) << "a name alone has its limit";
  EXPECT_FALSE(listen_unix(at("missing/s")));
}

TEST_F(sockets_test, a_name_that_is_still_ours_is_removed) {
  auto listening = listen_unix(at("s"));
  ASSERT_TRUE(listening);
  listening->file.remove();
  EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
}

TEST_F(sockets_test, a_name_that_somebody_else_has_taken_stays) {
  auto listening = listen_unix(at("s"));
  ASSERT_TRUE(listening);
  std::filesystem::remove(at("s").path);
  std::ofstream(at("s").path) << "precious";
  listening->file.remove();
  EXPECT_EQ(std::filesystem::file_size(at("s").path), 8U);

  std::filesystem::remove(at("s").path);
  auto first = listen_unix(at("s"));
  ASSERT_TRUE(first);
  std::filesystem::remove(at("s").path);
  const auto second = listen_unix(at("s"));
  ASSERT_TRUE(second);
  first->file.remove();
  testing::client still_there(at("s").path);
}

TEST_F(sockets_test, a_name_is_removed_where_its_directory_was_moved_to) {
  std::filesystem::create_directory(directory_.path() / "d");
  auto listening = listen_unix(at("d/s"));
  ASSERT_TRUE(listening);
  std::filesystem::rename(directory_.path() / "d", directory_.path() / "moved");
  std::filesystem::create_directory(directory_.path() / "d");
  std::ofstream(at("d/s").path) << "precious";
  listening->file.remove();
  EXPECT_TRUE(std::filesystem::is_empty(directory_.path() / "moved"));
  EXPECT_EQ(std::filesystem::file_size(at("d/s").path), 8U);
}

TEST_F(sockets_test, of_many_that_begin_at_once_on_a_stale_socket_one_gets_it) {
  constexpr std::size_t many = 4;
  for (int round = 0; round < 100; ++round) {
    { const auto dead = listen_unix(at("s")); }
    std::latch begin(many);
    std::vector<std::future<bool>> begun;
    std::vector<std::optional<listening_socket>> got(many);
    for (std::size_t i = 0; i < many; ++i) {
      begun.push_back(std::async(std::launch::async, [&, i] {
        begin.arrive_and_wait();
        auto listening = listen_unix(at("s"));
        if (listening) got[i] = *std::move(listening);
        return listening.has_value();
      }));
    }
    std::size_t winners = 0;
    for (auto& one : begun) winners += one.get() ? 1 : 0;
    ASSERT_EQ(winners, 1U) << "round " << round;
    testing::client reached(at("s").path);
    for (auto& one : got) {
      if (one) one->file.remove();
    }
    ASSERT_TRUE(std::filesystem::is_empty(directory_.path())) << "nothing is left behind";
  }
}

TEST_F(sockets_test, in_a_directory_of_ours_a_socket_goes_and_a_file_stays) {
  const unique_fd in(::open(directory_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  { const auto first = listen_unix(in.get(), "s"); }
  EXPECT_TRUE(listen_unix(in.get(), "s"));
  std::ofstream(at("f").path) << "precious";
  const auto refused = listen_unix(in.get(), "f");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("unix:f"), std::string::npos);
  EXPECT_EQ(std::filesystem::file_size(at("f").path), 8U);
}

}  // namespace
}  // namespace factord::net::sockets_test

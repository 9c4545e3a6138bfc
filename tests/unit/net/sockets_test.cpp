#include "server/net/sockets.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/net/client.hpp"
#include "tests/unit/support/temp_directory.hpp"

namespace factord::net {
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

}  // namespace
}  // namespace factord::net

#include "storage/postgres/host_addresses.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>

#include "tests/unit/support/temp_directory.hpp"

namespace factord::storage::host_addresses_test {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

TEST(host_addresses, of_what_is_no_name_are_none) {
  for (const char* const host :
       {"", "127.0.0.1", "::1", "fe80::1", "/run/postgresql", "@abstract"}) {
    const auto found = addresses_of(host, clock::now());
    ASSERT_TRUE(found) << host << ": " << found.error().message;
    EXPECT_TRUE(found->empty()) << host;
  }
}

TEST(host_addresses, of_this_machine) {
  const auto found = addresses_of("localhost", clock::now() + 10s);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE(std::ranges::count(*found, "127.0.0.1") + std::ranges::count(*found, "::1") > 0);
}

TEST(host_addresses, of_a_name_that_nobody_has_is_an_error) {
  for (const std::string& host : {std::string{"nowhere.invalid"}, std::string(300, 'x')}) {
    const auto found = addresses_of(host, clock::now() + 2s);
    ASSERT_FALSE(found) << host;
    EXPECT_EQ(found.error().code, errc::unavailable);
    EXPECT_TRUE(found.error().message.starts_with("its name cannot be resolved: "))
        << found.error().message;
  }
}

// A network of its own in which the one name server never answers.
bool live_with_a_mute_name_server(const std::string& folder) {
  if (::unshare(CLONE_NEWNS | CLONE_NEWNET) != 0) return false;
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  const std::string names = folder + "/resolv.conf";
  std::ofstream(names) << "nameserver 127.0.0.1\noptions timeout:30 attempts:1\n";
  if (::mount(names.c_str(), "/etc/resolv.conf", nullptr, MS_BIND, nullptr) != 0) return false;
  const int server = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq loopback{};
  std::strcpy(loopback.ifr_name, "lo");
  loopback.ifr_flags = IFF_UP;
  if (::ioctl(server, SIOCSIFFLAGS, &loopback) != 0) return false;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(53);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::bind(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

constexpr int cannot = 77;

int look_up_with_a_mute_name_server() {
  const temp_directory folder;
  if (!live_with_a_mute_name_server(folder.path().string())) return cannot;
  for (int i = 0; i < 3; ++i) {
    const auto began = clock::now();
    const auto found = addresses_of("db.example.com", began + 200ms);
    if (found || found.error().message.find("in time") == std::string::npos) return 1;
    // It would have been thirty.
    if (clock::now() - began < 200ms || clock::now() - began > 10s) return 2;
  }
  return 0;
}

// In a program of its own: a fork of one that has looked up names believes in threads of the C
// library that only its parent has.
TEST(host_addresses, are_not_waited_for_longer_than_told) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  int code = -1;
  const auto take_code = [&code](int status) {
    code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return WIFEXITED(status);
  };
  EXPECT_EXIT(::_exit(look_up_with_a_mute_name_server()), take_code, "");
  if (code == cannot) GTEST_SKIP() << "takes root, to have a network of its own";
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace factord::storage::host_addresses_test

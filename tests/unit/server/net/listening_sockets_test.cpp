#include "server/net/listening_sockets.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "tests/unit/server/net/client.hpp"
#include "tests/unit/support/temp_directory.hpp"

namespace factord::net::listening_sockets_test {
namespace {

namespace fs = std::filesystem;

class listening_sockets_test : public ::testing::Test {
 protected:
  [[nodiscard]] std::string in(const std::string& name) const {
    return "unix:" + (directory_.path() / name).string();
  }
  [[nodiscard]] fs::path data_dir() const { return directory_.path() / "data"; }

  result<listening_sockets> open(const std::vector<std::string>& texts) const {
    std::vector<listen_address> addresses;
    for (const std::string& text : texts) addresses.push_back(parse_listen_address(text).value());
    return listening_sockets::open(addresses, data_dir());
  }
  void expect_refused(const std::vector<std::string>& texts, const std::string& named) const {
    const auto opened = open(texts);
    ASSERT_FALSE(opened) << named;
    EXPECT_EQ(opened.error().code, errc::unavailable);
    EXPECT_NE(opened.error().message.find(named), std::string::npos) << opened.error().message;
  }
  [[nodiscard]] bool nothing_was_made() const { return fs::is_empty(directory_.path()); }

  const temp_directory directory_;
};

TEST_F(listening_sockets_test, an_address_in_use_is_an_error) {
  const auto taken = listen_tcp(parse_listen_address("127.0.0.1:0").value()).value();
  expect_refused({in("s"), to_text(taken.address)}, to_text(taken.address));
  EXPECT_TRUE(nothing_was_made());
}

TEST_F(listening_sockets_test, the_same_address_twice_is_an_error) {
  const auto free = listen_tcp(parse_listen_address("127.0.0.1:0").value()).value().address;
  expect_refused({to_text(free), to_text(free)}, to_text(free));
}

TEST_F(listening_sockets_test, a_path_that_is_not_to_be_had_is_an_error) {
  expect_refused({in("missing/s")}, "missing/s");
  expect_refused({in(std::string(200, 'c'))}, "cc");
  EXPECT_TRUE(nothing_was_made());
  std::ofstream(directory_.path() / "file") << "precious";
  expect_refused({in("file")}, "file");
  EXPECT_EQ(fs::file_size(directory_.path() / "file"), 8U);
  const auto living = listen_unix(parse_listen_address(in("s")).value());
  ASSERT_TRUE(living);
  expect_refused({in("s")}, "/s");
  testing::client still_there((directory_.path() / "s").string());
}

TEST_F(listening_sockets_test, paths_are_made_when_it_is_completed) {
  { const auto dead = listen_unix(parse_listen_address(in("stale")).value()); }
  auto opened = open({in("stale"), "127.0.0.1:0", in("data/s"), in("new")});
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_FALSE(fs::exists(data_dir()));
  EXPECT_FALSE(fs::exists(directory_.path() / "new"));
  fs::create_directory(data_dir());
  const auto all = opened->complete();
  ASSERT_TRUE(all) << all.error().message;
  ASSERT_EQ(all->size(), 4U);
  EXPECT_EQ(to_text((*all)[0].address), in("stale"));
  EXPECT_NE((*all)[1].address.port, 0);
  for (const listening_socket& one : *all) {
    if (one.address.is_unix()) testing::client reached(one.address.path);
  }
}

TEST_F(listening_sockets_test, a_path_in_a_data_directory_that_was_never_made_fails_later) {
  for (const std::string path : {"data/s", "x/../data/s", "./data/s"}) {
    auto opened = open({in(path)});
    ASSERT_TRUE(opened) << path;
    EXPECT_FALSE(opened->complete()) << path;
  }
  expect_refused({in("data2/s")}, "data2/s");
  expect_refused({in("data/deep/s")}, "data/deep/s");
}

}  // namespace
}  // namespace factord::net::listening_sockets_test

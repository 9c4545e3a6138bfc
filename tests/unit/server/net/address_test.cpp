#include "server/net/address.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace factord::net::address_test {
namespace {

using namespace std::string_literals;

TEST(address_test, good_ones_come_back_as_they_were) {
  for (const std::string& text : {"127.0.0.1:8080"s, "0.0.0.0:0"s, "[::1]:65535"s, "[::]:1"s,
                                  "unix:/run/factord.sock"s, "unix:a:b"s, "fd:web"s, "fd:8080"s}) {
    SCOPED_TRACE(text);
    const auto address = parse_listen_address(text);
    ASSERT_TRUE(address);
    EXPECT_EQ(to_text(*address), text);
    EXPECT_EQ(address->is_unix(), text.starts_with("unix:"));
    EXPECT_FALSE(address->plain);
  }
  EXPECT_EQ(to_text(parse_listen_address("localhost:80").value()), "127.0.0.1:80");
}

TEST(address_test, plain_ones_say_so) {
  for (const std::string& text : {"127.0.0.1:8080"s, "[::1]:65535"s, "fd:web"s}) {
    const auto address = parse_listen_address("plain:" + text).value();
    EXPECT_TRUE(address.plain);
    EXPECT_EQ(to_text(address), text);
  }
  EXPECT_FALSE(parse_listen_address("unix:plain:a").value().plain);
}

TEST(address_test, a_unix_socket_says_who_may_connect) {
  const auto plain = parse_listen_address("unix:/s").value();
  EXPECT_EQ(plain.mode, 0600U);
  EXPECT_FALSE(plain.group);
  const auto both = parse_listen_address("unix:/run/s,mode=0660,group=root").value();
  EXPECT_EQ(both.path, "/run/s");
  EXPECT_EQ(both.mode, 0660U);
  EXPECT_EQ(both.group, gid_t{0});
  EXPECT_EQ(to_text(both), "unix:/run/s");
  EXPECT_EQ(parse_listen_address("unix:s,group=4242").value().group, gid_t{4242});
  EXPECT_EQ(parse_listen_address("unix:s,group=0,mode=777").value().mode, 0777U);
}

TEST(address_test, a_setting_is_read_back_as_it_was) {
  for (const std::string& text :
       {"127.0.0.1:8080"s, "plain:[::1]:0"s, "unix:/s"s, "unix:/s,mode=0660"s,
        "unix:/s,group=root"s, "unix:/s,mode=0666,group=4242"s}) {
    const auto address = parse_listen_address(text).value();
    EXPECT_EQ(to_setting(address), text);
    EXPECT_EQ(parse_listen_address(to_setting(address)).value(), address);
  }
  EXPECT_EQ(to_setting(parse_listen_address("unix:/s,group=0,mode=600").value()),
            "unix:/s,group=0");
}

TEST(address_test, options_that_are_none_are_refused_by_name) {
  for (const auto& [text, part] : std::vector<std::pair<std::string, std::string>>{
           {"unix:/s,mode=", "mode=: an octal number"},
           {"unix:/s,mode=rw", "mode=rw: an octal number"},
           {"unix:/s,mode=0680", "mode=0680: an octal number"},
           {"unix:/s,mode=0060", "mode=0060: an octal number"},
           {"unix:/s,mode=04755", "mode=04755: an octal number"},
           {"unix:/s,mode=-660", "mode=-660: an octal number"},
           {"unix:/s,group=", "group= is empty"},
           {"unix:/s,group=no-such-group", "there is no group no-such-group on this machine"},
           {"unix:/s,group=4294967295", "there is no group 4294967295"},
           {"unix:/s,group=99999999999", "there is no group 99999999999"},
           {"unix:/s,mode=0660,mode=0660", "mode= is there twice"},
           {"unix:/s,group=0,group=0", "group= is there twice"},
           {"unix:/s,mod=0660", "'mod=0660' is no option of a Unix socket"},
           {"unix:/s,mode", "'mode' is no option"},
           {"unix:/s,", "'' is no option"},
           {"unix:/s,t", "its path holds no comma"},
           {"unix:,mode=0660", "is no address to listen on"}}) {
    const auto address = parse_listen_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().code, errc::bad_argument);
    EXPECT_NE(address.error().message.find(part), std::string::npos) << address.error().message;
  }
}

TEST(address_test, bad_ones_are_refused) {
  for (const std::string& text : {""s,
                                  "127.0.0.1"s,
                                  "8080"s,
                                  ":8080"s,
                                  "127.0.0.1:"s,
                                  "127.0.0.1:x"s,
                                  "127.0.0.1:65536"s,
                                  "127.0.0.1:-1"s,
                                  "127.0.0.1:+1"s,
                                  "127.0.0.1:80 "s,
                                  " 127.0.0.1:80"s,
                                  "256.0.0.1:80"s,
                                  "::1:80"s,
                                  "[::1]"s,
                                  "[127.0.0.1]:80"s,
                                  "[::1:80"s,
                                  "example.com:80"s,
                                  "unix:"s,
                                  "fd:"s,
                                  "unix:a\0b"s,
                                  "plain:"s,
                                  "plain:unix:/s"s,
                                  "plain:plain:127.0.0.1:80"s,
                                  "plain:80"s}) {
    SCOPED_TRACE(text);
    const auto address = parse_listen_address(text);
    ASSERT_FALSE(address);
    EXPECT_EQ(address.error().code, errc::bad_argument);
  }
}

}  // namespace
}  // namespace factord::net::address_test

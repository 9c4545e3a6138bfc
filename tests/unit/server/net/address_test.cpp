#include "server/net/address.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace factord::net::address_test {
namespace {

using namespace std::string_literals;

TEST(address_test, good_ones_come_back_as_they_were) {
  for (const std::string& text : {"127.0.0.1:8080"s, "0.0.0.0:0"s, "[::1]:65535"s, "[::]:1"s,
                                  "unix:/run/factord.sock"s, "unix:a:b"s}) {
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
  for (const std::string& text : {"127.0.0.1:8080"s, "[::1]:65535"s}) {
    const auto address = parse_listen_address("plain:" + text).value();
    EXPECT_TRUE(address.plain);
    EXPECT_EQ(to_text(address), text);
  }
  EXPECT_FALSE(parse_listen_address("unix:plain:a").value().plain);
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

#include "server/protocol/wire/authority.hpp"

#include <gtest/gtest.h>

#include <string>

namespace factord::protocol::authority_test {
namespace {

TEST(authority_test, what_is_one) {
  const struct {
    std::string_view text;
    std::string_view host;
    int port;  ///< -1: none
  } cases[] = {
      {"h", "h", -1},
      {"example.com", "example.com", -1},
      {"h:0", "h", 0},
      {"h:80", "h", 80},
      {"h:65535", "h", 65535},
      {"h:00080", "h", 80},
      {"h:", "h", -1},
      {"127.0.0.1:8080", "127.0.0.1", 8080},
      {"300.1.1.1", "300.1.1.1", -1},  // a name, if no address
      {"a_b!$&'()*+,;=~", "a_b!$&'()*+,;=~", -1},
      {"%C3%a4", "%C3%a4", -1},
      {"[::]", "[::]", -1},
      {"[::1]:443", "[::1]", 443},
      {"[1::]", "[1::]", -1},
      {"[1:2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7:8]", -1},
      {"[1:2:3:4:5:6:7::]", "[1:2:3:4:5:6:7::]", -1},
      {"[::2:3:4:5:6:7:8]", "[::2:3:4:5:6:7:8]", -1},
      {"[fe80::ABCD:1]", "[fe80::ABCD:1]", -1},
      {"[::ffff:1.2.3.255]", "[::ffff:1.2.3.255]", -1},
      {"[1:2:3:4:5:6:1.2.3.4]", "[1:2:3:4:5:6:1.2.3.4]", -1},
      {"[v1.a:b]", "[v1.a:b]", -1},
  };
  for (const auto& one : cases) {
    const auto found = parse_authority(one.text);
    ASSERT_TRUE(found.has_value()) << one.text;
    EXPECT_EQ(found->host, one.host);
    EXPECT_EQ(found->port ? static_cast<int>(*found->port) : -1, one.port) << one.text;
    EXPECT_TRUE(is_host(one.text));
  }
}

const std::string_view bad[] = {
    // Ports.
    "h:x", "h:-1", "h:+1", "h:65536", "h:99999999999999999999", "h:80 ", "h: 80", "h:8O", "h:80:80",
    "h::80", "h:0x50", ":80", ":",
    // Brackets.
    "[bad", "bad]", "a]b", "a[b", "[]", "[", "]", "[::1", "::1", "[::1]]", "[[::1]]", "[::1]x",
    "[::1]80", "x[::1]", "[h]", "[127.0.0.1]",
    // IPv6.
    "[:]", "[:::]", "[1]", "[1:2:3:4:5:6:7]", "[1:2:3:4:5:6:7:8:9]", "[1:2:3:4:5:6:7:8::]",
    "[::1:2:3:4:5:6:7:8]", "[1::2::3]", "[1:]", "[:1]", "[::1:]", "[12345::]", "[g::]", "[::1%25e]",
    "[::1.2.3]", "[::1.2.3.256]", "[::1.2.3.04]", "[::1.2.3.4:1]", "[1.2.3.4::]",
    "[1:2:3:4:5:6:7:1.2.3.4]", "[::1/64]", "[::1 ]",
    // Later addresses.
    "[v.a]", "[v1.]", "[v1]", "[vg.a]", "[v1.a/b]",
    // Names.
    "u@h", "u:p@h", "h/a", "h?q", "h#f", "a b", "a\tb", "h\\", "h\"", "<h>", "h^", "h|", "h`",
    "{h}", "%", "%4", "%4g", "%g4", "\xC3\xA4", "h, h"};

TEST(authority_test, what_is_none) {
  for (const std::string_view text : bad) {
    EXPECT_FALSE(parse_authority(text).has_value()) << text;
    EXPECT_FALSE(is_host(text)) << text;
  }
}

TEST(authority_test, an_empty_host_is_one_of_a_target_that_has_none) {
  EXPECT_FALSE(parse_authority("").has_value());
  EXPECT_TRUE(is_host(""));
}

TEST(authority_test, the_same_host_in_other_words) {
  EXPECT_TRUE(same_host("h", "h", 80));
  EXPECT_TRUE(same_host("Example.COM", "example.com", 80));
  EXPECT_TRUE(same_host("h", "h:80", 80));
  EXPECT_TRUE(same_host("h:", "h:080", 80));
  EXPECT_TRUE(same_host("[::A]:443", "[::a]", 443));
  EXPECT_FALSE(same_host("h", "h:443", 80));
  EXPECT_FALSE(same_host("h", "g", 80));
  EXPECT_FALSE(same_host("h:1", "h:2", 80));
  EXPECT_FALSE(same_host("h", "hh", 80));
}

}  // namespace
}  // namespace factord::protocol::authority_test

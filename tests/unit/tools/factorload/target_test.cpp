#include "tools/factorload/target.hpp"

#include <gtest/gtest.h>

namespace factord::load::target_test {
namespace {

struct good_target {
  const char* text;
  const char* host;
  const char* port;
  const char* path;
  const char* authority;
  bool tls = false;
};

TEST(target, is_a_host_and_port_or_a_path) {
  const good_target cases[] = {
      {"http://127.0.0.1:8080", "127.0.0.1", "8080", "", "127.0.0.1:8080"},
      {"http://127.0.0.1:8080/", "127.0.0.1", "8080", "", "127.0.0.1:8080"},
      {"HTTP://localhost", "localhost", "80", "", "localhost:80"},
      {"http://[::1]:65535", "::1", "65535", "", "[::1]:65535"},
      {"https://127.0.0.1:8443", "127.0.0.1", "8443", "", "127.0.0.1:8443", true},
      {"https://localhost", "localhost", "443", "", "localhost:443", true},
      {"unix:/run/f.sock", "", "", "/run/f.sock", "localhost"},
      {"unix:relative", "", "", "relative", "localhost"},
  };
  for (const good_target& each : cases) {
    const auto parsed = parse_target(each.text);
    ASSERT_TRUE(parsed) << each.text;
    EXPECT_EQ(parsed->host, each.host);
    EXPECT_EQ(parsed->port, each.port);
    EXPECT_EQ(parsed->path, each.path);
    EXPECT_EQ(parsed->authority(), each.authority);
    EXPECT_EQ(parsed->tls, each.tls);
  }
}

TEST(target, is_nothing_else) {
  for (const char* bad :
       {"", "127.0.0.1:8080", "ftp://h:1", "http://", "http://:80", "http://h:", "http://h:0",
        "http://h:65536", "http://h:x", "http://h:80/path", "http://h:80?q", "http://h:80#f",
        "http://user@h:80", "http://h :80", "unix:"}) {
    const auto parsed = parse_target(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().code, errc::bad_argument);
  }
}

TEST(target, takes_paths_that_fit_in_an_address) {
  EXPECT_TRUE(parse_target("unix:" + std::string(107, 'x')));
  EXPECT_FALSE(parse_target("unix:" + std::string(108, 'x')));
}

TEST(target, says_who_does_not_answer) {
  const auto refused = connect_to(target{{}, {}, "/nonexistent/factord.sock", false});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::unavailable);
  EXPECT_EQ(refused.error().message,
            "cannot connect to /nonexistent/factord.sock: No such file or directory");
}

}  // namespace
}  // namespace factord::load::target_test

#include "tools/factorctl/readiness_probe.hpp"

#include <gtest/gtest.h>

#include <string>

namespace factord::ctl::readiness_probe_test {
namespace {

TEST(readiness_probe, places_without_tls_are_asked) {
  const auto plain = parse_probe_target("http://127.0.0.1:8080").value();
  EXPECT_EQ(plain.host, "127.0.0.1");
  EXPECT_EQ(plain.port, 8080);
  EXPECT_EQ(parse_probe_target("http://localhost/readyz").value().port, 80);
  EXPECT_EQ(parse_probe_target("http://[::1]:9/").value().host, "::1");
  EXPECT_EQ(parse_probe_target("unix:/run/factord.sock").value().path, "/run/factord.sock");
  EXPECT_EQ(parse_probe_target("unix:s").value().host, "");
}

TEST(readiness_probe, others_are_bad_usage) {
  for (const std::string text :
       {"", "127.0.0.1:8080", "https://127.0.0.1:8080", "http://", "http://:80", "http://h:0",
        "http://h:65536", "http://h:65537", "http://h:144616", "http://h/healthz", "http://h/?x",
        "http://u@h", "http://h#f", "unix:", "ftp://h"}) {
    const auto parsed = parse_probe_target(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, errc::bad_argument);
  }
  EXPECT_FALSE(parse_probe_target("unix:" + std::string(108, 'x')));
}

TEST(readiness_probe, nobody_there_is_not_ready) {
  const auto answer = ask_readiness(parse_probe_target("unix:/no/such/socket").value());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::unavailable);
  EXPECT_TRUE(answer.error().message.starts_with("not ready: unix:/no/such/socket: "));
}

}  // namespace
}  // namespace factord::ctl::readiness_probe_test

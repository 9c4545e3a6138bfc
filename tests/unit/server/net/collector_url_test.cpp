#include "server/net/collector_url.hpp"

#include <gtest/gtest.h>

namespace factord::net::collector_url_test {
namespace {

TEST(collector_url, host_port_and_path) {
  const auto plain = parse_collector_url("http://collector").value();
  EXPECT_EQ(plain.host, "collector");
  EXPECT_EQ(plain.port, 4318);
  EXPECT_EQ(plain.target, "/v1/traces");
  EXPECT_EQ(plain.authority, "collector");
  const auto whole = parse_collector_url("http://[::1]:99/otlp/").value();
  EXPECT_EQ(whole.host, "::1");
  EXPECT_EQ(whole.port, 99);
  EXPECT_EQ(whole.target, "/otlp/v1/traces");
  EXPECT_EQ(whole.authority, "[::1]:99");
}

TEST(collector_url, what_is_none) {
  for (const std::string_view text :
       {"", "http://", "http:///v1", "https://h", "h:4318", "http://h:0", "http://h:65536",
        "http://h:x", "http://h/?a", "http://h/#a", "http://h/a b", "http://u@h"})
    EXPECT_FALSE(parse_collector_url(text)) << text;
}

}  // namespace
}  // namespace factord::net::collector_url_test

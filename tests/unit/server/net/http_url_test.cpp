#include "server/net/http_url.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace factord::net::http_url_test {
namespace {

struct row {
  std::string_view text;
  bool secure;
  std::string_view host;
  std::uint16_t port;
  std::string_view authority;
  std::string_view target;
};

TEST(http_url, its_parts) {
  for (const row& one :
       std::vector<row>{{"https://a.example", true, "a.example", 443, "a.example", "/"},
                        {"http://a", false, "a", 80, "a", "/"},
                        {"HTTPS://a:8443/keys?x=1&y", true, "a", 8443, "a:8443", "/keys?x=1&y"},
                        {"http://[::1]:99/k", false, "::1", 99, "[::1]:99", "/k"},
                        {"https://a?q", true, "a", 443, "a", "/?q"},
                        {"https://a:/b", true, "a", 443, "a:", "/b"}}) {
    SCOPED_TRACE(one.text);
    const auto found = parse_http_url(one.text);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->secure, one.secure);
    EXPECT_EQ(found->host, one.host);
    EXPECT_EQ(found->port, one.port);
    EXPECT_EQ(found->authority, one.authority);
    EXPECT_EQ(found->target, one.target);
  }
}

TEST(http_url, what_is_none) {
  for (const std::string_view text : {"",
                                      "a",
                                      "https:",
                                      "https://",
                                      "https:///p",
                                      "ftp://a",
                                      "https://a b",
                                      "https://a/b c",
                                      "https://a/#f",
                                      "https://a#f",
                                      "https://u@a",
                                      "https://u:p@a/",
                                      "https://a:0",
                                      "https://a:x",
                                      "https://a:65536",
                                      "https://[::1",
                                      "https://a/\r\nx: y",
                                      "https://a/\x01",
                                      "https://\xc3\xa4",
                                      "//a",
                                      "javascript:alert(1)",
                                      "file:///etc/passwd"})
    EXPECT_FALSE(parse_http_url(text)) << text;
}

TEST(http_url, a_provider_is_asked_over_tls_or_on_this_machine) {
  for (const std::string_view good :
       {"https://a.example/keys", "https://10.0.0.1/", "http://127.0.0.1:1/k", "http://127.9.9.9",
        "http://localhost:8080/k", "http://LOCALHOST", "http://[::1]:1/"})
    EXPECT_TRUE(parse_provider_url(good)) << good;
  for (const std::string_view bad :
       {"http://a.example/keys", "http://10.0.0.1/", "http://localhost.example/", "http://0.0.0.0/",
        "http://[::]/", "http://127.0.0.1.example/", "http://2130706433/",
        "http://[::ffff:10.0.0.1]/", "", "a.example", "file:///k"})
    EXPECT_FALSE(parse_provider_url(bad)) << bad;
}

TEST(http_url, who_is_asked_over_tls_leads_nowhere_else) {
  const http_url far = parse_provider_url("https://a.example/").value();
  const http_url here = parse_provider_url("http://localhost:8080/").value();
  EXPECT_TRUE(parse_discovered_url("https://keys.example/k", far));
  EXPECT_TRUE(parse_discovered_url("https://keys.example/k", here));
  EXPECT_TRUE(parse_discovered_url("http://127.0.0.1:99/k", here));
  for (const std::string_view bad : {"http://127.0.0.1:99/k", "http://localhost/", "http://[::1]/",
                                     "http://keys.example/k", "/k", ""})
    EXPECT_FALSE(parse_discovered_url(bad, far)) << bad;
  EXPECT_FALSE(parse_discovered_url("http://keys.example/k", here));
}

}  // namespace
}  // namespace factord::net::http_url_test

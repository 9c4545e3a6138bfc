// What a request of HTTP/2 may be, beyond what nghttp2 looks at.

#include <gtest/gtest.h>

#include "tests/unit/server/protocol/http2/driver.hpp"

namespace factord::protocol::testing::request_test {
namespace {

// GET "/" over `scheme` with these, in HPACK without its tables; empty: left out.
std::string get(std::string_view authority, std::string_view host, bool https = false) {
  std::string block = https ? "\x82\x87\x84" : "\x82\x86\x84";
  const auto add = [&block](char name, std::string_view value) {
    if (value.empty()) return;
    block.append({name, static_cast<char>(value.size())}).append(value);
  };
  add('\x41', authority);
  add('\x66', host);
  return http2_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, 1, block);
}

unsigned refused(const std::string& frame, host_rule hosts = host_rule::checked) {
  http2_driver driver({}, true, hosts);
  http2_client client;
  driver.feed(client.output() + frame);
  EXPECT_EQ(driver.requests().size(), 1U);
  return driver.requests().empty() ? 999 : driver.requests()[0].refused;
}

TEST(http2_request_test, an_authority_is_one) {
  for (const std::string_view good : {"h", "h:80", "h:", "h:65535", "[::1]:8080", "EXAMPLE.com"}) {
    EXPECT_EQ(refused(get(good, "")), 0U) << good;
    EXPECT_EQ(refused(get("", good)), 0U) << good;
  }
  for (const std::string_view bad :
       {"h:x", "h:-1", "h:65536", "[bad", "a]b", "u@h", "[::g]", ":80"}) {
    EXPECT_EQ(refused(get(bad, "")), 400U) << bad;
    EXPECT_EQ(refused(get("", bad)), 400U) << bad;
    EXPECT_EQ(refused(get("h", bad)), 400U) << bad;
  }
}

TEST(http2_request_test, a_host_field_names_what_the_authority_does) {
  EXPECT_EQ(refused(get("h", "h")), 0U);
  EXPECT_EQ(refused(get("h", "H:80")), 0U);
  EXPECT_EQ(refused(get("h:443", "h", true)), 0U);
  EXPECT_EQ(refused(get("h", "g")), 400U);
  EXPECT_EQ(refused(get("h", "h:443")), 400U);
  EXPECT_EQ(refused(get("h", "h:80", true)), 400U);
}

TEST(http2_request_test, a_scheme_is_one_that_is_served) {
  const auto over = [](std::string_view scheme) {
    std::string block = "\x82\x84\x41\x01h\x46";
    block.append(1, static_cast<char>(scheme.size())).append(scheme);
    return http2_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, 1,
                       block);
  };
  for (const std::string_view good : {"http", "https", "HTTPS"})
    EXPECT_EQ(refused(over(good)), 0U) << good;
  for (const std::string_view other : {"ftp", "ws", "httpss", "htt"})
    EXPECT_EQ(refused(over(other)), 400U) << other;
}

TEST(http2_request_test, on_a_unix_socket_hosts_name_nothing) {
  for (const std::string_view odd : {"h:x", "[bad", "a]b", "u@h"}) {
    EXPECT_EQ(refused(get(odd, ""), host_rule::anything), 0U) << odd;
    EXPECT_EQ(refused(get("h", odd), host_rule::anything), 0U) << odd;
  }
}

TEST(http2_request_test, a_target_past_the_limit_of_the_header_is_414) {
  limits bounds;
  bounds.header_bytes = 300;
  for (const auto& [size, status] : {std::pair{300U, "431"}, {301U, "414"}, {9'500U, "414"}}) {
    http2_driver driver(bounds);
    http2_client client;
    const auto id =
        client.request("GET", "/" + std::string(size - 1, 't'), "", {{"x", std::string(500, 'x')}});
    driver.talk(client);
    EXPECT_EQ(client.answer(id).status(), status) << size;
    EXPECT_FALSE(driver.codec().finished());
  }
}

TEST(http2_request_test, a_body_that_waits_to_be_asked_for_is) {
  for (const std::string word : {"100-continue", "100-Continue"}) {
    http2_driver driver;
    http2_client client;
    const auto id = client.request("POST", "/a", "", {{"expect", word}}, true);
    driver.talk(client);
    EXPECT_EQ(client.answer(id).status(), "100");
    EXPECT_FALSE(client.answer(id).ended);
    client.send(id, "body", true);
    driver.talk(client);
    EXPECT_EQ(client.answer(id).body, "/abody");
    EXPECT_TRUE(client.answer(id).ended);
    EXPECT_FALSE(client.error);
  }
}

TEST(http2_request_test, a_body_that_is_there_or_not_wanted_is_not_asked_for) {
  http2_driver driver;
  http2_client client;
  const auto none = client.request("POST", "/a", "", {{"expect", "100-continue"}});
  const auto refused =
      client.request("POST", "/", "", {{"expect", "100-continue"}, {"host", "other"}}, true);
  const auto other = client.request("POST", "/", "", {{"expect", "tea"}}, true);
  const auto more =
      client.request("GET", "/", "", {{"expect", "100-continue"}, {"expect", "100-continue, tea"}});
  driver.talk(client);
  EXPECT_EQ(client.answer(none).status(), "200");
  EXPECT_EQ(client.answer(refused).status(), "400");
  EXPECT_EQ(client.answer(other).status(), "417");
  EXPECT_EQ(client.answer(more).status(), "417");
}

}  // namespace
}  // namespace factord::protocol::testing::request_test

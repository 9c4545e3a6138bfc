#include "server/net/http_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>

#include "tests/unit/server/net/http_peer.hpp"

namespace factord::net::http_client_test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using ::testing::HasSubstr;
using testing::http_ok;
using testing::http_peer;
using ::testing::StartsWith;

constexpr std::size_t limit = 1000;

// Long enough for a busy machine; nothing here waits so long but to fail.
steady_clock::time_point in_time() { return steady_clock::now() + 60s; }

http_question get(const std::string& url) {
  return {.where = parse_http_url(url).value(), .content_type = {}, .body = {}};
}

result<http_answer> ask_once(const http_question& asked) {
  http_client client({.answer_bytes = limit, .ca_file = {}, .plain_stays_here = true},
                     [] { return false; });
  return client.ask(asked, in_time());
}

TEST(http_client, asks_and_has_the_answer) {
  http_peer peer([](auto&) {
    return http_ok("body", "Cache-Control: max-age=7\r\nCache-Control: public\r\n");
  });
  const auto got = ask_once(get(peer.url("/k?x")));
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->status, 200U);
  EXPECT_EQ(got->body, "body");
  EXPECT_EQ(got->cache_control, "max-age=7,public");
  EXPECT_THAT(peer.heads().front(), StartsWith("GET /k?x HTTP/1.1\r\nHost: 127.0.0.1:"));
}

TEST(http_client, posts_what_has_a_type) {
  http_peer peer([](auto&) { return http_ok(""); });
  http_question asked = get(peer.url("/p"));
  asked.content_type = "text/x";
  asked.body = "12345";
  ASSERT_TRUE(ask_once(asked));
  const std::string head = peer.heads().front();
  EXPECT_THAT(head, StartsWith("POST /p HTTP/1.1\r\n"));
  EXPECT_THAT(head, HasSubstr("Content-Type: text/x\r\n"));
  EXPECT_THAT(head, HasSubstr("Content-Length: 5\r\n"));
}

TEST(http_client, a_name_is_looked_up) {
  http_peer peer([](auto&) { return http_ok("x"); });
  const auto got = ask_once(get(peer.url("/", "localhost")));
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->body, "x");
  const auto none = ask_once(get("http://no-such-name.invalid/"));
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().message, StartsWith("resolving no-such-name.invalid: "));
}

TEST(http_client, a_redirect_is_an_answer_like_another) {
  http_peer peer([&](auto&) {
    return std::string("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
  });
  EXPECT_EQ(ask_once(get(peer.url("/"))).value().status, 302U);
  EXPECT_EQ(peer.heads().size(), 1U);
}

TEST(http_client, what_is_no_answer_is_a_failure) {
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string& bytes : {
           std::string(),
           std::string("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"),
           http_ok(std::string(limit + 1, 'x')),
           std::string("HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n"),
           chunked + "1000\r\n" + std::string(0x1000, 'x') + "\r\n0\r\n\r\n",
           chunked + "zz\r\n",
           chunked + "1;" + std::string(100'000, 'a') + "\r\nx\r\n0\r\n\r\n",
           chunked + "1\r\nx\r\n0\r\nA: " + std::string(100'000, 'a') + "\r\n\r\n",
           http_ok("x", "A: " + std::string(20'000, 'a') + "\r\n"),
           std::string("SSH-2.0-OpenSSH_9.2\r\n"),
       }) {
    http_peer peer([&bytes](auto&) { return bytes; });
    const auto got = ask_once(get(peer.url("/")));
    ASSERT_FALSE(got) << bytes.substr(0, 80);
    EXPECT_EQ(got.error().code, errc::unavailable);
    EXPECT_THAT(got.error().message, StartsWith("receiving: "));
  }
}

TEST(http_client, the_largest_body_is_read) {
  http_peer peer([](auto&) { return http_ok(std::string(limit, 'x')); });
  EXPECT_EQ(ask_once(get(peer.url("/"))).value().body.size(), limit);
}

TEST(http_client, who_says_nothing_is_left_at_the_deadline) {
  http_peer peer([](auto&) { return std::string("silence"); });
  http_client client({.answer_bytes = limit, .ca_file = {}}, [] { return false; });
  const auto got = client.ask(get(peer.url("/")), steady_clock::now() + 200ms);
  ASSERT_FALSE(got);
  EXPECT_THAT(got.error().message, HasSubstr("timeout"));
}

TEST(http_client, and_at_once_when_it_is_over) {
  http_peer peer([](auto&) { return std::string("silence"); });
  std::atomic<int> looks = 0;
  http_client client({.answer_bytes = limit, .ca_file = {}}, [&looks] { return ++looks > 3; });
  const auto got = client.ask(get(peer.url("/")), in_time());
  ASSERT_FALSE(got);
  EXPECT_THAT(got.error().message, HasSubstr("canceled")) << "and not at the deadline";
}

TEST(http_client, without_tls_nobody_else_is_asked) {
  const auto got = ask_once(get("http://192.0.2.1/"));
  ASSERT_FALSE(got);
  EXPECT_THAT(got.error().message, HasSubstr("192.0.2.1 is not this machine"));
}

TEST(http_client, whom_to_trust_is_a_file_of_certificates) {
  EXPECT_TRUE(check_trust(""));
  const auto none = check_trust("/no/such/file.pem");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, errc::bad_argument);
  EXPECT_THAT(none.error().message, StartsWith("/no/such/file.pem: "));
}

}  // namespace
}  // namespace factord::net::http_client_test

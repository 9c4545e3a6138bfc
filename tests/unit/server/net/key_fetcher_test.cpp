#include "server/net/key_fetcher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

#include "server/jwt/key_set.hpp"
#include "tests/unit/server/net/http_peer.hpp"
#include "tests/unit/support/temp_directory.hpp"

namespace factord::net::key_fetcher_test {
namespace {

using namespace std::chrono_literals;
using testing::http_ok;
using testing::http_peer;
using kind = jwt::key_place::kind;
using std::chrono::steady_clock;

// No test waits so long but to fail.
constexpr key_fetcher_patience patient{.fetch = 60s, .start = 60s};

std::string set_with(const std::string& kid) {
  return R"({"keys":[{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":")" + kid +
         R"(","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})";
}

issuer_option issuer_of(const std::string& name, kind which, const std::string& where) {
  issuer_option made;
  made.rules.issuer = name;
  made.rules.audience = "us";
  made.rules.keys = {which, where};
  return made;
}

// Nothing here waits so long but to fail.
bool holds_soon(const std::function<bool()>& what) {
  for (const auto end = steady_clock::now() + 60s; steady_clock::now() < end;
       std::this_thread::sleep_for(5ms))
    if (what()) return true;
  return false;
}

bool has(key_fetcher& keys, std::size_t issuer, std::string_view kid) {
  const auto set = keys.keys(issuer).current();
  return set != nullptr && set->find(kid) != nullptr;
}

class key_files_test : public ::testing::Test {
 protected:
  void write(const std::string& text) const { std::ofstream(path_) << text; }

  const temp_directory directory_;
  const std::string path_ = (directory_.path() / "keys.json").string();
};

TEST_F(key_files_test, are_read_before_it_begins_and_when_it_is_told_to) {
  write(set_with("a"));
  key_fetcher keys({.all = {issuer_of("i", kind::file, path_)}, .ca_file = {}});
  EXPECT_EQ(keys.keys(0).current(), nullptr);
  ASSERT_TRUE(keys.begin());
  EXPECT_TRUE(has(keys, 0, "a"));
  write(set_with("b"));
  keys.ask_again();
  EXPECT_TRUE(holds_soon([&] { return has(keys, 0, "b"); }));
  EXPECT_FALSE(has(keys, 0, "a"));
  EXPECT_EQ(keys.keys(0).generation(), 1U);
  write("{");
  keys.ask_again();
  EXPECT_TRUE(holds_soon([&] { return keys.look().front().refused == 1; }));
  EXPECT_TRUE(has(keys, 0, "b"));
  EXPECT_EQ(keys.look().front().fetched, 2U);
  EXPECT_EQ(keys.look().front().keys, 1U);
}

TEST_F(key_files_test, that_are_no_good_are_not_begun_with) {
  for (const char* text : {"", "{}", "{\"keys\":[]}"}) {
    write(text);
    const issuer_options of{.all = {issuer_of("i", kind::file, path_)}, .ca_file = {}};
    const auto checked = check_files(of);
    ASSERT_FALSE(checked) << text;
    EXPECT_THAT(checked.error().message, ::testing::StartsWith(path_ + ": "));
    EXPECT_FALSE(key_fetcher(of).begin()) << text;
  }
}

TEST(key_fetcher, asks_at_a_url_before_its_start_is_over) {
  http_peer peer([](auto&) { return http_ok(set_with("a")); });
  key_fetcher keys({.all = {issuer_of("i", kind::url, peer.url("/keys"))}, .ca_file = {}}, patient);
  ASSERT_TRUE(keys.begin());
  EXPECT_TRUE(has(keys, 0, "a"));
  EXPECT_EQ(peer.heads().size(), 1U);
}

TEST(key_fetcher, asks_the_issuer_where_its_keys_are) {
  std::string base;
  http_peer peer([&base](const std::string& head) {
    if (!head.starts_with("GET /.well-known/openid-configuration ")) return http_ok(set_with("a"));
    return http_ok(R"({"issuer":")" + base + R"(","jwks_uri":")" + base + R"(/certs"})");
  });
  base = peer.url("");
  key_fetcher keys({.all = {issuer_of(base, kind::discovery, "")}, .ca_file = {}});
  ASSERT_TRUE(keys.begin());
  EXPECT_TRUE(holds_soon([&] { return has(keys, 0, "a"); }));
  ASSERT_EQ(peer.heads().size(), 2U);
  EXPECT_THAT(peer.heads()[1], ::testing::StartsWith("GET /certs "));
}

TEST(key_fetcher, what_is_discovered_is_under_the_same_rule) {
  std::string base;
  http_peer peer([&base](auto&) {
    return http_ok(R"({"issuer":")" + base + R"(","jwks_uri":"http://192.0.2.1/keys"})");
  });
  base = peer.url("");
  key_fetcher keys({.all = {issuer_of(base, kind::discovery, "")}, .ca_file = {}});
  ASSERT_TRUE(keys.begin());
  EXPECT_TRUE(holds_soon([&] { return keys.look().front().refused > 0; }));
  EXPECT_EQ(keys.look().front().unreachable, 0U);
  EXPECT_EQ(keys.keys(0).current(), nullptr);
}

TEST(key_fetcher, a_key_that_is_missed_is_looked_for) {
  std::atomic<int> asked = 0;
  http_peer peer([&asked](auto&) { return http_ok(set_with(++asked == 1 ? "a" : "b")); });
  key_fetcher keys({.all = {issuer_of("i", kind::url, peer.url("/"))}, .ca_file = {}});
  ASSERT_TRUE(keys.begin());
  ASSERT_TRUE(holds_soon([&] { return has(keys, 0, "a"); }));
  keys.keys(0).miss();
  EXPECT_TRUE(holds_soon([&] { return has(keys, 0, "b"); }));
}

TEST(key_fetcher, its_end_waits_for_nobody_who_is_silent) {
  http_peer peer([](auto&) { return std::string("silence"); });
  const auto begun = steady_clock::now();
  {
    key_fetcher keys({.all = {issuer_of("i", kind::url, peer.url("/"))}, .ca_file = {}},
                     {.fetch = patient.fetch});
    ASSERT_TRUE(keys.begin());
    EXPECT_EQ(keys.keys(0).current(), nullptr);
  }
  EXPECT_LT(steady_clock::now() - begun, patient.fetch / 2);
}

TEST(key_fetcher, one_who_is_silent_keeps_nobody_from_another) {
  http_peer silent([](auto&) { return std::string("silence"); });
  http_peer peer([](auto&) { return http_ok(set_with("a")); });
  key_fetcher keys({.all = {issuer_of("i", kind::url, silent.url("/")),
                            issuer_of("j", kind::url, peer.url("/"))},
                    .ca_file = {}},
                   {.fetch = patient.fetch});
  const auto begun = steady_clock::now();
  ASSERT_TRUE(keys.begin());
  EXPECT_TRUE(holds_soon([&] { return has(keys, 1, "a"); }));
  EXPECT_LT(steady_clock::now() - begun, patient.fetch / 2);
}

TEST(key_fetcher, without_an_issuer_it_does_nothing) {
  EXPECT_TRUE(check_files({.all = {}, .ca_file = "/no/such/file.pem"}));
  key_fetcher keys({});
  EXPECT_TRUE(keys.begin());
  keys.ask_again();
  EXPECT_TRUE(keys.look().empty());
}

}  // namespace
}  // namespace factord::net::key_fetcher_test

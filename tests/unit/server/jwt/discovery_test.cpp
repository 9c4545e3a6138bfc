#include "server/jwt/discovery.hpp"

#include <gtest/gtest.h>

#include <string>

namespace factord::jwt::discovery_test {
namespace {

TEST(discovery, is_asked_for_behind_the_issuer) {
  EXPECT_EQ(discovery_url("https://a.example"),
            "https://a.example/.well-known/openid-configuration");
  EXPECT_EQ(discovery_url("https://a.example/"),
            "https://a.example/.well-known/openid-configuration");
  EXPECT_EQ(discovery_url("https://a.example/realms/r"),
            "https://a.example/realms/r/.well-known/openid-configuration");
}

TEST(discovery, says_where_the_keys_are) {
  const std::string text =
      R"({"issuer":"https://a","token_endpoint":"https://a/t","jwks_uri":"https://k/\u006bs"})";
  EXPECT_EQ(read_discovery(text, "https://a").value(), "https://k/ks");
}

TEST(discovery, of_another_issuer_or_none_is_refused) {
  for (const char* text :
       {"", "[]", "{", "{}", "\"https://a\"", R"({"jwks_uri":"https://k"})",
        R"({"issuer":"https://a"})", R"({"issuer":"https://a/","jwks_uri":"https://k"})",
        R"({"issuer":"https://A","jwks_uri":"https://k"})",
        R"({"issuer":1,"jwks_uri":"https://k"})", R"({"issuer":"https://a","jwks_uri":["k"]})",
        R"({"issuer":"https://a","jwks_uri":"k","jwks_uri":"https://evil"})",
        R"({"issuer":"https://b","issuer":"https://a","jwks_uri":"k"})"}) {
    const auto read = read_discovery(text, "https://a");
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, errc::bad_argument);
  }
}

TEST(discovery, its_text_stays_out_of_what_is_said_of_it) {
  const std::string much(100'000, 'x');
  for (const std::string& text : {R"({"issuer":")" + much + R"(","jwks_uri":"https://k"})",
                                  R"({"issuer":"https://a","jwks_uri":"https://)" + much + "\"}"}) {
    const auto read = read_discovery(text, "https://a");
    ASSERT_FALSE(read);
    EXPECT_LT(read.error().message.size(), 200U);
  }
}

}  // namespace
}  // namespace factord::jwt::discovery_test

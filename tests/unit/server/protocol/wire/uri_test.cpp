#include "server/protocol/wire/uri.hpp"

#include <gtest/gtest.h>

namespace factord::protocol::uri_test {
namespace {

TEST(uri, decodes_once) {
  struct {
    std::string_view in;
    decoded how;
    std::string_view out;
  } const cases[] = {
      {"", decoded::ok, ""},
      {"abc", decoded::ok, "abc"},
      {"%41%7a", decoded::ok, "Az"},
      {"%2541", decoded::ok, "%41"},
      {"a+b", decoded::ok, "a+b"},
      {"a%2Fb", decoded::has_slash, "a/b"},
      {"a%2fb", decoded::has_slash, "a/b"},
  };
  std::string out;
  for (const auto& one : cases) {
    EXPECT_EQ(percent_decode(one.in, out), one.how) << one.in;
    EXPECT_EQ(out, one.out) << one.in;
  }
  for (const std::string_view bad : {"%", "%4", "%4g", "%g4", "a%", "%%41", "% 4"}) {
    EXPECT_EQ(percent_decode(bad, out), decoded::malformed) << bad;
  }
}

TEST(uri, finds_query_parameters) {
  struct {
    std::string_view target;
    parameter how;
    std::string_view value;
  } const cases[] = {
      {"/p", parameter::absent, ""},
      {"/p?", parameter::absent, ""},
      {"/p?user", parameter::found, ""},
      {"/p?user=", parameter::found, ""},
      {"/p?user=a", parameter::found, "a"},
      {"/p?x=1&user=a%20b+c&user=2", parameter::found, "a b c"},
      {"/p?users=a&xuser=b", parameter::absent, ""},
      {"/p?user=a=b", parameter::found, "a=b"},
      {"/p?user=%zz", parameter::malformed, ""},
      {"/p?&&user=a", parameter::found, "a"},
      {"/p?%75ser=a", parameter::found, "a"},
      {"/p?%zz=b&user=a", parameter::found, "a"},
  };
  for (const auto& one : cases) {
    std::string value;
    EXPECT_EQ(query_parameter(one.target, "user", value), one.how) << one.target;
    EXPECT_EQ(one.how == parameter::found ? value : one.value, one.value) << one.target;
  }
}

TEST(uri, takes_a_query_apart) {
  std::string_view rest = query_of("/p?a=1&&b&=c&d==&");
  std::string seen;
  while (const auto pair = take_pair(rest)) {
    seen.append(pair->name).append("|").append(pair->value).append(";");
  }
  EXPECT_EQ(seen, "a|1;b|;|c;d|=;");
  EXPECT_EQ(query_of("/p"), "");
  EXPECT_EQ(query_of("/p?a?b"), "a?b");
}

}  // namespace
}  // namespace factord::protocol::uri_test

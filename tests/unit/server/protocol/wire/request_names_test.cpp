#include "server/protocol/wire/request_names.hpp"

#include <gtest/gtest.h>

#include <array>
#include <charconv>
#include <string>

namespace factord::protocol::request_names_test {
namespace {

std::string name(request_names& names, std::string_view sent) {
  service::request_name out;
  names.name(sent, out);
  return std::string(out.text());
}

TEST(request_names, a_token_is_taken_as_it_is) {
  request_names names(1);
  for (const std::string& sent :
       {std::string("a"), std::string("0b5f6a1e-6f3a-4b7e-9d57-2b8f4b1c9a10"),
        std::string("!#$%&'*+-.^_`|~"), std::string(128, 'x')})
    EXPECT_EQ(name(names, sent), sent);
}

TEST(request_names, what_is_none_is_replaced) {
  request_names names(0xabcdef);
  std::uint64_t count = 0;
  for (const std::string& sent :
       {std::string(), std::string(129, 'x'), std::string("a b"), std::string("a, b"),
        std::string("a\"b"), std::string("a=b"), std::string("\xC3\xA4"), std::string(1, '\0')}) {
    EXPECT_EQ(name(names, sent), "0000000000abcdef000000000000000" + std::to_string(++count));
  }
}

TEST(request_names, they_count_in_hexadecimal_digits) {
  request_names names(~std::uint64_t{0});
  for (unsigned number = 1; number <= 0x1001; ++number) {
    std::array<char, 8> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
    const std::string text(digits.data(), end);
    EXPECT_EQ(name(names, {}), std::string(16, 'f') + std::string(16 - text.size(), '0') + text);
  }
}

TEST(request_names, a_shorter_one_leaves_nothing_of_a_longer) {
  service::request_name out;
  out.assign("longer");
  out.assign("short");
  const service::request_name copy = out;
  EXPECT_EQ(copy.text(), "short");
}

}  // namespace
}  // namespace factord::protocol::request_names_test

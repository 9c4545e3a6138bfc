#include "server/jwt/base64url.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/base64url.hpp"

namespace factord::jwt::base64url_test {
namespace {

using factord::testing::encode_base64url;

TEST(base64url, says_every_length_and_reads_it_again) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    const std::string text = encode_base64url(bytes);
    EXPECT_EQ(text.find_first_of("=+/"), std::string::npos);
    EXPECT_EQ(decode_base64url(text), bytes);
    bytes.push_back(static_cast<char>(i * 7 + 251));
  }
}

// RFC 4648, section 10, without the padding; RFC 7515, appendix C.
TEST(base64url, says_what_the_rfcs_have) {
  EXPECT_EQ(encode_base64url("f"), "Zg");
  EXPECT_EQ(encode_base64url("foobar"), "Zm9vYmFy");
  EXPECT_EQ(encode_base64url("\x03\xec\xff\xe0\xc1"), "A-z_4ME");
  EXPECT_EQ(decode_base64url("A-z_4ME"), "\x03\xec\xff\xe0\xc1");
}

TEST(base64url, each_string_of_bytes_has_one_text) {
  EXPECT_EQ(decode_base64url("Zg"), "f");
  for (const char* other :
       {"Zh", "Zi", "Zo", "Zv", "Zg==", "Zg=", "Zg ", " Zg", "Zg\n", "Z", "Zm9v\n", "Zm8", "Zm9",
        "Z+8", "Z/8", "Zm9vZ", "\xC3\xA9", "Z\x80", ""}) {
    const auto read = decode_base64url(other);
    if (!read) continue;
    EXPECT_EQ(encode_base64url(*read), other);
  }
  EXPECT_FALSE(decode_base64url("Zh"));
  EXPECT_FALSE(decode_base64url("Zg=="));
  EXPECT_FALSE(decode_base64url("Z"));
  EXPECT_FALSE(decode_base64url("Zm9"));
  EXPECT_FALSE(decode_base64url("Z+8s"));
}

// All texts of up to three characters of a few: whatever is read is said the same.
TEST(base64url, what_is_read_is_said_again) {
  const std::string some = "AQgwZ_-+/=. \n";
  for (const char a : some) {
    for (const char b : some) {
      for (const char c : some) {
        const std::string text{a, b, c};
        const auto read = decode_base64url(text);
        EXPECT_EQ(read ? encode_base64url(*read) : text, text);
      }
    }
  }
}

}  // namespace
}  // namespace factord::jwt::base64url_test

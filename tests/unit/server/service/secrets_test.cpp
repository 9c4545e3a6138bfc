#include "server/service/secrets.hpp"

#include <gtest/gtest.h>

#include <set>

namespace factord::service::secrets_test {
namespace {

TEST(secrets, have_the_promised_shapes) {
  std::set<std::string> seen;
  for (int i = 0; i < 1'000; ++i) {
    const std::string id = draw_id(draw_secure_random);
    EXPECT_EQ(id.size(), 18U);
    EXPECT_NE(id.front(), '0');
    EXPECT_EQ(id.find_first_not_of("0123456789"), std::string::npos);
    const std::string code = draw_verification_code(draw_secure_random);
    EXPECT_EQ(code.size(), 8U);
    EXPECT_EQ(code.find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ"), std::string::npos);
    const std::string token = draw_token(draw_secure_random);
    EXPECT_EQ(token.size(), 43U);
    EXPECT_TRUE(seen.insert(id).second && seen.insert(token).second) << "drawn twice";
  }
}

TEST(secrets, a_token_is_the_base64url_of_its_bytes) {
  unsigned char next = 0xFB;
  const auto counting = [&](std::span<unsigned char> out) {
    for (unsigned char& byte : out) byte = next++;
  };
  // The bytes fb fc fd fe ff 00 .. 1a, encoded with an independent tool.
  EXPECT_EQ(draw_token(counting), "-_z9_v8AAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRo");
}

TEST(secrets, ids_have_no_bias_at_the_end_of_the_range) {
  // All ones is above the largest usable multiple: it must be drawn again, not folded.
  int calls = 0;
  const auto first_all_ones = [&](std::span<unsigned char> out) {
    for (unsigned char& byte : out) byte = calls == 0 ? 0xFF : 0x00;
    ++calls;
  };
  EXPECT_EQ(draw_id(first_all_ones), "100000000000000000");
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace factord::service::secrets_test

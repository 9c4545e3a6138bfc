#include "storage/model/keys.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace factord::storage::keys_test {
namespace {

using namespace std::string_view_literals;

TEST(keys, are_laid_out_as_drawn) {
  std::string key = "what was there before";
  set_user_key(key, "42");
  EXPECT_EQ(key, "u42"sv);
  set_factor_key(key, "42", factor_type::otp_email);
  EXPECT_EQ(key, "f42\0\1"sv);
  set_username_key(key, "org", "ada");
  EXPECT_EQ(key, "norg\0ada"sv);
  set_username_key(key, "Org", "Ada B");
  EXPECT_EQ(key, "nOrg\0ada b"sv);
  set_username_key(key, "Org", "Ada B", store_format::first);
  EXPECT_EQ(key, "nOrg\0Ada B"sv);
  set_token_key(key, std::string(32, '\xAB'));
  EXPECT_EQ(key, "t" + std::string(32, '\xAB'));
  set_token_id_key(key, "283746501928374650");
  EXPECT_EQ(key, "i283746501928374650"sv);
  set_meta_key(key, "format");
  EXPECT_EQ(key, "mformat"sv);
  set_last_event_key(key, "42");
  EXPECT_EQ(key, "l42"sv);
  set_event_key(key, 0x0102030405060708);
  EXPECT_EQ(key, "\1\2\3\4\5\6\7\10"sv);
  set_user_event_key(key, "42", 258);
  EXPECT_EQ(key, "42\0\0\0\0\0\0\0\1\2"sv);
}

TEST(keys, a_last_event_s_is_told_from_those_of_states) {
  std::string key;
  set_last_event_key(key, "u42");
  EXPECT_TRUE(is_last_event_key(key));
  EXPECT_EQ(user_of_last_event_key(key), "u42");
  set_user_key(key, "l42");
  EXPECT_FALSE(is_last_event_key(key));
  EXPECT_FALSE(is_last_event_key(""));
}

TEST(keys, byte_order_is_number_order) {
  std::string lower;
  std::string higher;
  for (const std::uint64_t sequence :
       {0ULL, 1ULL, 255ULL, 256ULL, 65'535ULL, 1ULL << 40, ~0ULL - 1}) {
    set_event_key(lower, sequence);
    set_event_key(higher, sequence + 1);
    EXPECT_LT(lower, higher) << sequence;
    EXPECT_EQ(read_sequence(lower), sequence);
  }
}

TEST(keys, one_user_never_runs_into_the_next) {
  std::string last_of_a;
  std::string first_of_ab;
  set_user_event_key(last_of_a, "a", ~0ULL);
  set_user_event_key(first_of_ab, "ab", 0);
  EXPECT_LT(last_of_a, first_of_ab);
}

TEST(keys, user_event_keys_are_taken_apart) {
  std::string key;
  set_user_event_key(key, "42", 7);
  EXPECT_EQ(split_user_event_key(key).user_id, "42");
  EXPECT_EQ(split_user_event_key(key).sequence, 7U);
  // Sequence bytes that look like separators.
  set_user_event_key(key, "42", 0x0100);
  EXPECT_EQ(split_user_event_key(key).user_id, "42");
  EXPECT_EQ(split_user_event_key(key).sequence, 0x0100U);
}

TEST(keys, what_is_no_user_event_key_has_sequence_0) {
  for (const std::string_view key : {""sv, "a"sv, "12345678"sv, "a12345678"sv,
                                     "a\0b\0"
                                     "12345678"sv}) {
    EXPECT_EQ(split_user_event_key(key).sequence, 0U) << key;
  }
}

}  // namespace
}  // namespace factord::storage::keys_test

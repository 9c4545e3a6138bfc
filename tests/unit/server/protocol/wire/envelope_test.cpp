#include "server/protocol/wire/envelope.hpp"

#include <gtest/gtest.h>

namespace factord::protocol::envelope_test {
namespace {

using namespace std::string_view_literals;

TEST(rpc_envelope, is_taken_off_once_it_is_whole) {
  const std::string_view bytes =
      "\x01\x00\x00\x00\x03"sv
      "abcrest"sv;
  const std::string all = std::string("\x01\x00\x00\x00\x03"sv) + "abcrest";
  for (std::size_t size = 0; size <= all.size(); ++size) {
    std::string_view input = std::string_view(all).substr(0, size);
    const auto taken = take_envelope(input);
    EXPECT_EQ(taken.has_value(), size >= 8) << size;
    EXPECT_EQ(announced_length(std::string_view(all).substr(0, size)).has_value(), size >= 5);
    if (!taken) continue;
    EXPECT_EQ(taken->flags, 1);
    EXPECT_EQ(taken->payload, "abc");
    EXPECT_EQ(input, all.substr(8, size - 8));
  }
  EXPECT_EQ(announced_length(bytes), 3U);
}

TEST(rpc_envelope, lengths_of_four_bytes_do_not_overflow) {
  EXPECT_EQ(announced_length("\x00\xFF\xFF\xFF\xFF"sv), 0xFFFFFFFFU);
  std::string_view input = "\x00\xFF\xFF\xFF\xFF"sv;
  EXPECT_FALSE(take_envelope(input));
}

TEST(rpc_envelope, what_is_written_is_read) {
  std::string out = "before";
  const std::size_t head = open_envelope(out, 0x80);
  out += std::string(300, 'x');
  close_envelope(out, head);
  std::string_view input = std::string_view(out).substr(6);
  const auto taken = take_envelope(input);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->flags, 0x80);
  EXPECT_EQ(taken->payload, std::string(300, 'x'));
  EXPECT_TRUE(input.empty());
}

}  // namespace
}  // namespace factord::protocol::envelope_test

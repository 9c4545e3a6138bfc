#include "server/config/values.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string_view>
#include <utility>

namespace factord::config_values::values_test {
namespace {

using namespace std::chrono_literals;

TEST(config_values_test, numbers) {
  EXPECT_EQ(number("0", 0, 9).value(), 0U);
  EXPECT_EQ(number("9", 0, 9).value(), 9U);
  for (const char* text : {"", "10", "-1", "+1", " 1", "1 ", "1k", "x", "99999999999999999999"})
    EXPECT_FALSE(number(text, 0, 9)) << text;
  EXPECT_FALSE(number("1", 2, 9));
}

TEST(config_values_test, bytes) {
  EXPECT_EQ(bytes("7", 0, 1U << 30U).value(), 7U);
  EXPECT_EQ(bytes("8KiB", 0, 1U << 30U).value(), 8192U);
  EXPECT_EQ(bytes("3MiB", 0, 1U << 30U).value(), 3U << 20U);
  EXPECT_EQ(bytes("1GiB", 0, 1U << 30U).value(), 1U << 30U);
  for (const char* text :
       {"", "KiB", "1KB", "1kib", "1 KiB", "2GiB", "1.5MiB", "99999999999999GiB"})
    EXPECT_FALSE(bytes(text, 0, 1U << 30U)) << text;
}

TEST(config_values_test, durations) {
  EXPECT_EQ(duration("10ms", 1ms, 1h).value(), 10ms);
  EXPECT_EQ(duration("2s", 1ms, 1h).value(), 2s);
  EXPECT_EQ(duration("3m", 1ms, 1h).value(), 3min);
  EXPECT_EQ(duration("1h", 1ms, 1h).value(), 1h);
  for (const char* text : {"", "10", "s", "0s", "2h", "1d", "-1s", "1.5s"})
    EXPECT_FALSE(duration(text, 1ms, 1h)) << text;
}

TEST(config_values_test, shares) {
  constexpr auto good = std::to_array<std::pair<std::string_view, std::uint32_t>>(
      {{"0", 0}, {"1", 1'000'000}, {"0.01", 10'000}, {"0.000001", 1}, {"1.000000", 1'000'000}});
  for (const auto& [text, millionths] : good) {
    EXPECT_EQ(share(text).value(), millionths);
    EXPECT_EQ(share(share_text(millionths)).value(), millionths);
  }
  EXPECT_EQ(share_text(10'000), "0.01");
  for (const std::string_view text :
       {"", "2", "1.000001", "-0.1", ".5", "0.", "0.0000001", "1e-3", "0.1 ", "0,1", "inf"})
    EXPECT_FALSE(share(text)) << text;
}

TEST(config_values_test, messages_name_the_range) {
  EXPECT_EQ(bytes("1", 1024, 64U << 20U).error().message,
            "a size in bytes, KiB, MiB or GiB from 1KiB to 64MiB is needed");
  EXPECT_EQ(duration("1", 10ms, 24h).error().message,
            "a time in ms, s, m or h from 10ms to 24h is needed");
}

TEST(config_values_test, origins) {
  for (const char* text : {"https://a.example.com", "http://localhost:3000", "https://[::1]:8443"})
    EXPECT_EQ(origin(text).value(), text);
  for (const char* text : {"", "*", "null", "example.com", "https://", "https://a/", "https://a b",
                           "https://a,https://b", "https://A.example.com", "https://a\r\nX: y"})
    EXPECT_FALSE(origin(text)) << text;
}

}  // namespace
}  // namespace factord::config_values::values_test

#include "server/base/log.hpp"

#include <gtest/gtest.h>

#include <string>

namespace factord::log::log_test {
namespace {

using namespace std::string_literals;

const std::string start = R"({"ts":"1970-01-01T00:00:00.000000Z","level":"info","msg":)";

std::string line(std::string_view message, items details = {}) {
  return format(timestamp{}, level::info, message, details);
}

TEST(log_test, one_object_with_typed_values) {
  EXPECT_EQ(
      line("hello", {{"text", "a"}, {"whole", -1}, {"large", ~std::uint64_t{0}}, {"so", true}}),
      start + R"("hello","text":"a","whole":-1,"large":18446744073709551615,"so":true})");
}

TEST(log_test, times_have_microseconds) {
  EXPECT_TRUE(format(from_micros(784'111'777'000'042), level::error, "", {})
                  .starts_with(R"({"ts":"1994-11-06T08:49:37.000042Z","level":"error",)"));
}

TEST(log_test, nothing_ends_the_line_or_leaves_its_string) {
  const std::string attack = "a\"b\\c\r\n\0\x1b\x7f{\"level\":\"x\"}"s;
  const std::string expected = R"("a\"b\\c\u000d\u000a\u0000\u001b\u007f{\"level\":\"x\"}")";
  EXPECT_EQ(line(attack), start + expected + "}");
  EXPECT_EQ(line("m", {{attack, attack}}), start + R"("m",)" + expected + ":" + expected + "}");
}

TEST(log_test, bytes_that_are_no_utf8_are_replaced) {
  EXPECT_EQ(line("\xC3\xA4\xFF\xE2\x82z"), start + "\"\xC3\xA4\\ufffd\\ufffd\\ufffdz\"}");
}

TEST(log_test, levels_by_name) {
  EXPECT_EQ(find_level("trace"), level::trace);
  EXPECT_EQ(find_level("error"), level::error);
  EXPECT_EQ(find_level("ERROR"), std::nullopt);
  EXPECT_EQ(find_level(""), std::nullopt);
}

TEST(log_test, lines_below_the_level_are_dropped) {
  set_sink(stderr_sink());
  set_level(level::warn);
  ::testing::internal::CaptureStderr();
  info("quiet");
  warn("loud");
  const std::string written = ::testing::internal::GetCapturedStderr();
  set_level(level::info);
  set_sink({});
  EXPECT_EQ(written.find("quiet"), written.npos);
  EXPECT_NE(written.find("\"msg\":\"loud\"}\n"), written.npos);
}

}  // namespace
}  // namespace factord::log::log_test

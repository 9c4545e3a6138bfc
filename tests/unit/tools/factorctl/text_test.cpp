#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "tools/factorctl/stats_text.hpp"
#include "tools/factorctl/text_table.hpp"
#include "tools/factorctl/verify_text.hpp"

namespace factord::ctl::text_test {
namespace {

TEST(printable, escapes_what_steers_a_terminal) {
  EXPECT_EQ(printable("plain text"), "plain text");
  EXPECT_EQ(printable("a\x1b[2Jb"), "a\\x1b[2Jb");
  EXPECT_EQ(printable("a\nb\x7f"), "a\\x0ab\\x7f");
  EXPECT_EQ(printable("a\xC2\x9B"), "a\\x9b");  // U+009B, which starts a sequence as ESC [ does
  EXPECT_EQ(printable("\xC2\xA0\xC3\xA4"), "\xC2\xA0\xC3\xA4");
}

TEST(printable_json, says_the_same_without_what_steers_a_terminal) {
  EXPECT_EQ(printable_json(R"({"id":"a\u001b"})"), R"({"id":"a\u001b"})");
  EXPECT_EQ(printable_json("{\"id\":\"a\x7f\xC2\x9B\"}"), R"({"id":"a\u007f\u009b"})");
  EXPECT_EQ(printable_json("\"\xC2\xA0\xC3\xA4\""), "\"\xC2\xA0\xC3\xA4\"");
}

TEST(format_table, aligns_by_the_widest_cell) {
  EXPECT_EQ(format_table({"ID", "ORG", "EXPIRES"}, {{"1", "acme", "never"}, {"234", "", "soon"}}),
            "ID   ORG   EXPIRES\n"
            "1    acme  never\n"
            "234        soon\n");
}

TEST(format_table, counts_code_points) {
  EXPECT_EQ(format_table({"ID", "X"}, {{"\xC3\xA4\xC3\xB6\xC3\xBC", "1"}, {"abcd", "2"}}),
            "ID    X\n"
            "\xC3\xA4\xC3\xB6\xC3\xBC   1\n"
            "abcd  2\n");
}

TEST(format_table, is_its_header_without_rows) {
  EXPECT_EQ(format_table({"A", "B"}, {}), "A  B\n");
}

TEST(format_stats, flattens_with_dots) {
  const auto stats = boost::json::parse(
      R"({"storeId":"ab","lastSequence":"7","answers":{"RemoveOTPEmail":{"OK":"12"}},"n":3,"up":true})");
  EXPECT_EQ(format_stats(stats.as_object()),
            "storeId: ab\n"
            "lastSequence: 7\n"
            "answers.RemoveOTPEmail.OK: 12\n"
            "n: 3\n"
            "up: true\n");
}

storage::verify_report small_report() {
  storage::verify_report report;
  report.head.sequence = 3;
  report.users = 1;
  report.factors = 1;
  report.events_by_type[static_cast<std::size_t>(storage::event_type::human_added)] = 1;
  report.events_by_type[static_cast<std::size_t>(storage::event_type::otp_email_removed)] = 2;
  return report;
}

TEST(format_report, of_a_sound_store_ends_with_ok) {
  EXPECT_EQ(format_report(small_report()),
            "lastSequence: 3\n"
            "headHash: " +
                std::string(64, '0') +
                "\n"
                "users: 1\n"
                "factors: 1\n"
                "tokens: 0\n"
                "events.user.human.added: 1\n"
                "events.user.human.mfa.otp.email.removed: 2\n"
                "ok\n");
}

TEST(format_report, names_each_problem_instead_of_ok) {
  auto report = small_report();
  report.problems = {"event 2: wrong hash", "user \x1b: no event"};
  const std::string text = format_report(report);
  EXPECT_THAT(text, ::testing::EndsWith("problem: event 2: wrong hash\n"
                                        "problem: user \\x1b: no event\n"));
  EXPECT_THAT(text, ::testing::Not(::testing::HasSubstr("ok\n")));
}

}  // namespace
}  // namespace factord::ctl::text_test

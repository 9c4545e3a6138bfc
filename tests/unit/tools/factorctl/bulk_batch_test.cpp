#include "tools/factorctl/bulk_batch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace factord::ctl::bulk_batch_test {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t most = 5'000;

std::string as_request(std::string_view line) {
  return line.empty() ? std::string() : "<" + std::string(line) + ">";
}

bulk_batch take(std::string_view& file, std::uint64_t first_line = 1) {
  return take_batch(file, first_line, {as_request, most});
}
bulk_batch batch_of(std::string_view file, std::uint64_t first_line = 1) {
  return take(file, first_line);
}

TEST(bulk_batch, lines_are_sent_as_they_are_to_be_without_blanks_at_their_ends) {
  const bulk_batch batch = batch_of("ada\r\n\n  gr ace \n{\"userId\":\"x\"}", 7);
  EXPECT_EQ(batch.text, "<ada>\n\n<gr ace>\n<{\"userId\":\"x\"}>\n");
  EXPECT_EQ(batch.first_line, 7U);
  EXPECT_EQ(batch.lines, 4U);
  EXPECT_EQ(batch.asked, 3U);
}

TEST(bulk_batch, a_file_is_taken_in_batches_of_bounded_size) {
  std::string file;
  for (int i = 0; i < 2'500; ++i) file += "u" + std::to_string(i) + "\n";
  std::string_view rest = file;
  EXPECT_EQ(take(rest, 1).lines, 1'000U);
  EXPECT_EQ(take(rest, 1'001).lines, 1'000U);
  EXPECT_EQ(take(rest, 2'001).lines, 500U);
  EXPECT_EQ(rest, "");
  const std::string wide(4'000, 'x');
  file = wide;
  for (int i = 0; i < 20; ++i) file += "\n" + wide;
  rest = file;
  std::uint64_t lines = 0;
  while (!rest.empty()) {
    const bulk_batch batch = take(rest, lines + 1);
    EXPECT_LE(batch.text.size(), 48U << 10U);
    lines += batch.lines;
  }
  EXPECT_EQ(lines, 21U);
}

TEST(bulk_batch, a_line_that_is_too_long_is_a_failure_and_sent_as_a_blank_one) {
  const std::string longest(most - 2, 'x');
  const bulk_batch batch = batch_of("a\n" + longest + "\n" + longest + "x\nb\n", 11);
  EXPECT_EQ(batch.text, "<a>\n<" + longest + ">\n\n<b>\n");
  EXPECT_EQ(batch.lines, 4U);
  EXPECT_EQ(batch.asked, 3U);
  EXPECT_EQ(batch.too_long, 1U);
  EXPECT_EQ(batch.failures,
            "{\"line\":13,\"status\":400,\"error\":{\"code\":3,\"message\":\"the line is longer "
            "than 5000 bytes\"}}\n");
  // One that no batch has room for is the first of its own.
  const std::string huge = "a\n" + std::string(100'000, 'x') + "\nb\n";
  std::string_view rest = huge;
  EXPECT_EQ(take(rest, 1).failures, "");
  const bulk_batch next = take(rest, 2);
  EXPECT_EQ(next.text, "\n<b>\n");
  EXPECT_THAT(next.failures, HasSubstr("{\"line\":2,"));
}

TEST(bulk_batch, a_line_that_is_huge_is_not_even_made_a_request) {
  static std::size_t longest_made;
  longest_made = 0;
  const auto make = [](std::string_view line) {
    longest_made = std::max(longest_made, line.size());
    return as_request(line);
  };
  const std::string file = "a\n" + std::string(10'000'000, 'x') + "\nb";
  std::string_view rest = file;
  std::uint64_t too_long = 0;
  for (std::uint64_t line = 1; !rest.empty();) {
    const bulk_batch batch = take_batch(rest, line, {make, most});
    EXPECT_LT(batch.text.size(), 100U);
    too_long += batch.too_long;
    line += batch.lines;
  }
  EXPECT_EQ(too_long, 1U);
  EXPECT_LE(longest_made, most);
}

TEST(bulk_batch, what_a_line_only_asks_for_is_counted_apart) {
  const bulk_batch batch = batch_of("a\nb\n");
  bulk_results results;
  ASSERT_TRUE(count_answers(batch,
                            "{\"userId\":\"a\",\"status\":200}\n"
                            "{\"userId\":\"b\",\"status\":200,\"sequence\":\"7\"}\n",
                            results));
  EXPECT_EQ(results.done, 1U);
  EXPECT_EQ(results.would, 1U);
  EXPECT_EQ(results.failed, 0U);
}

TEST(bulk_batch, answers_are_counted_and_failures_kept_by_their_lines) {
  const bulk_batch batch = batch_of("a\nb\n{\nc\n", 101);
  bulk_results results;
  const auto counted = count_answers(batch,
                                     "{\"userId\":\"a\",\"status\":200,\"sequence\":\"7\"}\n"
                                     "{\"userId\":\"b\",\"status\":404,\"error\":{\"code\":5}}\n"
                                     "{\"line\":3,\"status\":400,\"error\":{\"code\":3}}\n"
                                     "{\"userId\":\"c\",\"status\":200,\"sequence\":\"3\","
                                     "\"replayed\":true}\n",
                                     results);
  ASSERT_TRUE(counted) << counted.error().message;
  EXPECT_EQ(results.done, 2U);
  EXPECT_EQ(results.replayed, 1U);
  EXPECT_EQ(results.failed, 2U);
  EXPECT_EQ(results.codes, "");
  EXPECT_EQ(results.failures,
            "{\"userId\":\"b\",\"status\":404,\"error\":{\"code\":5}}\n"
            "{\"line\":103,\"status\":400,\"error\":{\"code\":3}}\n");
}

TEST(bulk_batch, answers_of_new_users_name_lines_and_may_name_nobody) {
  const std::string too_long(most, 'x');
  const bulk_batch batch = batch_of("a\n" + too_long + "\nb\nc\n", 101);
  bulk_results results;
  const auto counted = count_answers(
      batch,
      "{\"line\":1,\"userId\":\"7\",\"status\":201,\"sequence\":\"7\",\"emailCode\":\"ABC\"}\n"
      "{\"line\":3,\"status\":409,\"error\":{\"code\":6}}\n"
      "{\"line\":4,\"status\":409,\"error\":{\"code\":6}}\n",
      results);
  ASSERT_TRUE(counted) << counted.error().message;
  EXPECT_EQ(results.done, 1U);
  EXPECT_EQ(results.failed, 3U);
  EXPECT_EQ(results.codes,
            "{\"line\":101,\"userId\":\"7\",\"status\":201,\"sequence\":\"7\","
            "\"emailCode\":\"ABC\"}\n");
  EXPECT_THAT(results.failures, ::testing::StartsWith("{\"line\":102,\"status\":400,"));
  EXPECT_THAT(results.failures, HasSubstr("{\"line\":104,\"status\":409,"));
}

TEST(bulk_batch, one_that_ended_early_says_where) {
  const bulk_batch batch = batch_of("a\nb\nc\n", 101);
  for (const std::string_view status : {"503", "401", "400", "500"}) {
    bulk_results results;
    const std::string answer =
        "{\"userId\":\"a\",\"status\":200,\"sequence\":\"7\"}\n{\"line\":2,"
        "\"status\":" +
        std::string(status) + ",\"error\":{\"code\":14,\"message\":\"why\"}}\n";
    const auto counted = count_answers(batch, answer, results);
    ASSERT_FALSE(counted) << status;
    EXPECT_THAT(counted.error().message, HasSubstr("stopped before line 102: why")) << status;
    EXPECT_EQ(results.done, 1U);
  }
  bulk_results results;
  EXPECT_FALSE(count_answers(batch, "no JSON\n", results));
  EXPECT_FALSE(count_answers(batch, "{\"userId\":\"a\",\"status\":200}\n", results));
}

TEST(bulk_batch, one_that_ended_at_its_last_line_or_behind_it_says_so) {
  const bulk_batch batch = batch_of("a\nb\n", 101);
  const std::string first = "{\"line\":1,\"userId\":\"a\",\"status\":201,\"sequence\":\"7\"}\n";
  for (const std::string& last :
       {std::string("{\"line\":2,\"status\":503,\"error\":{\"message\":\"why\"}}\n"),
        std::string("{\"line\":2,\"userId\":\"b\",\"status\":503,\"error\":{}}\n"
                    "{\"line\":3,\"status\":503,\"error\":{\"message\":\"why\"}}\n")}) {
    bulk_results results;
    const auto counted = count_answers(batch, first + last, results);
    ASSERT_FALSE(counted) << last;
    EXPECT_THAT(counted.error().message, HasSubstr(": why")) << last;
  }
  // Of its own a last line may fail in any other way.
  bulk_results results;
  EXPECT_TRUE(count_answers(batch, first + "{\"line\":2,\"status\":409,\"error\":{}}\n", results));
  EXPECT_EQ(results.failed, 1U);
}

}  // namespace
}  // namespace factord::ctl::bulk_batch_test

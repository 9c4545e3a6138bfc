#include "tools/factorctl/removal_batch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace factord::ctl::removal_batch_test {
namespace {

using ::testing::HasSubstr;

removal_batch batch_of(std::string_view file, std::uint64_t first_line = 1) {
  return take_removals(file, first_line);
}

TEST(removal_batch, a_line_is_an_id_or_what_the_server_takes) {
  const removal_batch batch = batch_of("ada\r\n\n  gr\"ace \n{\"userId\":\"x\"}", 7);
  EXPECT_EQ(batch.text, "{\"userId\":\"ada\"}\n\n{\"userId\":\"gr\\\"ace\"}\n{\"userId\":\"x\"}\n");
  EXPECT_EQ(batch.first_line, 7U);
  EXPECT_EQ(batch.lines, 4U);
  EXPECT_EQ(batch.asked, 3U);
}

TEST(removal_batch, a_file_is_taken_in_batches_of_bounded_size) {
  std::string file;
  for (int i = 0; i < 2'500; ++i) file += "u" + std::to_string(i) + "\n";
  std::string_view rest = file;
  EXPECT_EQ(take_removals(rest, 1).lines, 1'000U);
  EXPECT_EQ(take_removals(rest, 1'001).lines, 1'000U);
  EXPECT_EQ(take_removals(rest, 2'001).lines, 500U);
  EXPECT_EQ(rest, "");
  const std::string wide(4'000, 'x');
  file = wide;
  for (int i = 0; i < 20; ++i) file += "\n" + wide;
  EXPECT_LT(batch_of(file).text.size(), 60'000U);
}

TEST(removal_batch, answers_are_counted_and_failures_kept_by_their_lines) {
  const removal_batch batch = batch_of("a\nb\n{\nc\n", 101);
  removal_counts counts;
  std::string failures;
  const auto counted = count_removals(batch,
                                      "{\"userId\":\"a\",\"status\":200,\"sequence\":\"7\"}\n"
                                      "{\"userId\":\"b\",\"status\":404,\"error\":{\"code\":5}}\n"
                                      "{\"line\":3,\"status\":400,\"error\":{\"code\":3}}\n"
                                      "{\"userId\":\"c\",\"status\":200,\"sequence\":\"3\","
                                      "\"replayed\":true}\n",
                                      counts, failures);
  ASSERT_TRUE(counted) << counted.error().message;
  EXPECT_EQ(counts.removed, 2U);
  EXPECT_EQ(counts.replayed, 1U);
  EXPECT_EQ(counts.failed, 2U);
  EXPECT_EQ(failures,
            "{\"userId\":\"b\",\"status\":404,\"error\":{\"code\":5}}\n"
            "{\"line\":103,\"status\":400,\"error\":{\"code\":3}}\n");
}

TEST(removal_batch, one_that_ended_early_says_where) {
  const removal_batch batch = batch_of("a\nb\nc\n", 101);
  for (const std::string_view status : {"503", "401", "400"}) {
    removal_counts counts;
    std::string failures;
    const std::string answer =
        "{\"userId\":\"a\",\"status\":200,\"sequence\":\"7\"}\n{\"line\":2,"
        "\"status\":" +
        std::string(status) + ",\"error\":{\"code\":14,\"message\":\"why\"}}\n";
    const auto counted = count_removals(batch, answer, counts, failures);
    ASSERT_FALSE(counted) << status;
    EXPECT_THAT(counted.error().message, HasSubstr("stopped before line 102: why")) << status;
    EXPECT_EQ(counts.removed, 1U);
  }
  removal_counts counts;
  std::string failures;
  EXPECT_FALSE(count_removals(batch, "no JSON\n", counts, failures));
}

}  // namespace
}  // namespace factord::ctl::removal_batch_test

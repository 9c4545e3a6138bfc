#include "server/protocol/wire/entity_tag.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace factord::protocol::entity_tag_test {
namespace {

// A field's value, its tags as they are written, and what comes behind them.
struct list_case {
  std::string value;
  std::vector<std::string> tags;
  next_tag end;
};

void PrintTo(const list_case& one, std::ostream* out) { *out << one.value; }

const list_case list_cases[] = {
    {R"("7")", {R"("7")"}, next_tag::none},
    {R"("7", "8")", {R"("7")", R"("8")"}, next_tag::none},
    {"\"7\"\t,\t\"8\" \t", {R"("7")", R"("8")"}, next_tag::none},
    {R"("7","8")", {R"("7")", R"("8")"}, next_tag::none},
    {R"(W/"7", "8")", {R"(W/"7")", R"("8")"}, next_tag::none},
    {R"("")", {R"("")"}, next_tag::none},
    {R"("a,b", "*")", {R"("a,b")", R"("*")"}, next_tag::none},
    {R"("W/7")", {R"("W/7")"}, next_tag::none},
    {"\"\xFF!#~\\\"", {"\"\xFF!#~\\\""}, next_tag::none},
    // Empty elements are nothing (section 5.6.1.2), a list of nothing is not one.
    {R"(, "7",, ,"8",)", {R"("7")", R"("8")"}, next_tag::none},
    {"", {}, next_tag::malformed},
    {" \t", {}, next_tag::malformed},
    {",", {}, next_tag::malformed},
    {"*", {}, next_tag::any},
    {" * ", {}, next_tag::any},
    {"*, *", {}, next_tag::malformed},
    {R"(*, "7")", {}, next_tag::malformed},
    {R"("7", *)", {R"("7")"}, next_tag::malformed},
    {", *", {}, next_tag::malformed},
    {"**", {}, next_tag::malformed},
    {"7", {}, next_tag::malformed},
    {R"("7)", {}, next_tag::malformed},
    {R"(7")", {}, next_tag::malformed},
    {R"("7" "8")", {R"("7")"}, next_tag::malformed},
    {R"("7"8)", {R"("7")"}, next_tag::malformed},
    {R"("7""8")", {R"("7")"}, next_tag::malformed},
    {R"(w/"7")", {}, next_tag::malformed},
    {R"(W/ "7")", {}, next_tag::malformed},
    {R"(W/7)", {}, next_tag::malformed},
    {"W", {}, next_tag::malformed},
    {R"("7 8")", {}, next_tag::malformed},
    {"\"7\x7F\"", {}, next_tag::malformed},
    {"\"7\t\"", {}, next_tag::malformed},
    {R"("7"; "8")", {R"("7")"}, next_tag::malformed},
};

class entity_tag_lists : public ::testing::TestWithParam<list_case> {};

TEST_P(entity_tag_lists, are_taken_apart) {
  entity_tag_list list(GetParam().value);
  std::vector<std::string> tags;
  entity_tag tag;
  next_tag next = list.next(tag);
  for (; next == next_tag::one; next = list.next(tag)) {
    tags.push_back((tag.weak ? "W/\"" : "\"") + std::string(tag.opaque) + "\"");
  }
  EXPECT_EQ(tags, GetParam().tags);
  EXPECT_EQ(next, GetParam().end);
}

INSTANTIATE_TEST_SUITE_P(table, entity_tag_lists, ::testing::ValuesIn(list_cases));

TEST(entity_tags_of_users, are_their_sequences_and_nothing_else) {
  for (const std::uint64_t sequence : {1ULL, 7ULL, 1234567890123ULL, ~0ULL}) {
    const std::string tag = to_entity_tag(sequence);
    EXPECT_EQ(tag, "\"" + std::to_string(sequence) + "\"");
    EXPECT_EQ(sequence_of_tag(tag.substr(1, tag.size() - 2)), sequence);
  }
  for (const char* const other : {"", "0", "07", "+7", "-7", " 7", "7 ", "7a", "0x7", "seven",
                                  "7.0", "18446744073709551616", "99999999999999999999999"}) {
    EXPECT_EQ(sequence_of_tag(other), 0U) << other;
  }
}

}  // namespace
}  // namespace factord::protocol::entity_tag_test

#include "tools/factorctl/url_list.hpp"

#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <vector>

#include "tools/common/scatter.hpp"

namespace factord::ctl::url_list_test {
namespace {

std::vector<std::string> lines_of(const url_list& urls) {
  std::stringstream text;
  urls.write([&text](std::string_view lines) {
    text << lines;
    return true;
  });
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

url_list some(std::uint64_t users, url_order order, shard part = {}) {
  return {
      .server = "http://h:1", .ids = *id_range::make("100", users), .order = order, .part = part};
}

TEST(url_list, goes_up) {
  EXPECT_EQ(lines_of(some(3, url_order::ascending)),
            (std::vector<std::string>{"http://h:1/v2/users/100/otp_email",
                                      "http://h:1/v2/users/101/otp_email",
                                      "http://h:1/v2/users/102/otp_email"}));
}

TEST(url_list, is_scattered_as_factorload_has_it) {
  const auto lines = lines_of(some(100, url_order::scattered));
  const tools::scatter order{100};
  ASSERT_EQ(lines.size(), 100U);
  for (std::uint64_t k = 0; k < 100; ++k) {
    EXPECT_EQ(lines[k], "http://h:1/v2/users/" + std::to_string(100 + order.at(k)) + "/otp_email");
  }
}

TEST(url_list, has_each_user_in_one_shard) {
  for (const url_order order : {url_order::scattered, url_order::ascending}) {
    std::multiset<std::string> all;
    for (std::uint64_t i = 0; i < 7; ++i) {
      const auto lines = lines_of(some(5'000, order, {i, 7}));
      EXPECT_NEAR(static_cast<double>(lines.size()), 5'000.0 / 7, 1);
      all.insert(lines.begin(), lines.end());
    }
    EXPECT_EQ(all.size(), 5'000U);
    EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 5'000U);
  }
}

TEST(url_list, has_empty_shards_where_there_are_few_users) {
  EXPECT_EQ(lines_of(some(1, url_order::scattered, {1, 2})).size(), 0U);
}

TEST(url_list, ends_where_nobody_reads_on) {
  int asked = 0;
  some(100'000, url_order::ascending).write([&asked](std::string_view) {
    ++asked;
    return false;
  });
  EXPECT_EQ(asked, 1);
}

TEST(url_list, shards_are_counted_from_one) {
  const auto second = parse_shard("2/4");
  ASSERT_TRUE(second);
  EXPECT_EQ(second->index, 1U);
  EXPECT_EQ(second->count, 4U);
  for (const char* bad : {"", "1", "/", "0/4", "5/4", "1/0", "-1/4", "1/4/4", "a/b", "1/65537"})
    EXPECT_FALSE(parse_shard(bad)) << bad;
}

}  // namespace
}  // namespace factord::ctl::url_list_test

// When keys are asked for, and what an answer changes: tables of what happens at which second.

#include "server/jwt/key_keeper.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/jwt/key_set.hpp"

namespace factord::jwt::key_keeper_test {
namespace {

using namespace std::chrono_literals;
using time_point = key_keeper::time_point;
using news = key_keeper::news;

constexpr std::string_view no_word;

std::string key_named(const std::string& kid, const std::string& x) {
  return R"({"kty":"OKP","crv":"Ed25519","alg":"EdDSA","use":"sig","kid":")" + kid + R"(","x":")" +
         x + R"("})";
}

const std::string x_of_a = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const std::string x_of_b = "sQUcEOplFYj7yficvHnXjOUmsXY7l-sjYJrXrO9PHzI";
const std::string a = key_named("a", x_of_a);
const std::string b = key_named("b", x_of_b);
const std::string other_a = key_named("a", x_of_b);

std::string set_of(const std::vector<std::string>& keys) {
  std::string text = R"({"keys":[)";
  for (const std::string& one : keys) text += (text.back() == '[' ? "" : ",") + one;
  return text + "]}";
}

class key_keeper_test : public ::testing::Test {
 protected:
  // Of a whole number of seconds since it began.
  static time_point at(std::chrono::seconds second) { return time_point{} + 1h + second; }
  bool is_due(std::chrono::seconds second) { return keeper_.take_due(at(second)); }
  void answer(std::chrono::seconds second, std::string_view cache_control = no_word) {
    ASSERT_TRUE(keeper_.answered(set_of({a}), cache_control, at(second)));
  }
  // The first of these seconds in which it is due.
  std::chrono::seconds due_after(std::chrono::seconds from, std::chrono::seconds until) {
    for (; from <= until; from += 1s)
      if (is_due(from)) return from;
    return -1s;
  }

  issuer_keys keys_;
  key_keeper keeper_{keys_, key_place::kind::url};
};

TEST_F(key_keeper_test, asks_at_once_and_every_ten_minutes) {
  EXPECT_TRUE(is_due(0s));
  answer(0s);
  EXPECT_EQ(due_after(1s, 700s), 600s);
  answer(603s);
  EXPECT_EQ(due_after(604s, 1300s), 1203s);
}

TEST_F(key_keeper_test, asks_when_an_answer_says_within_bounds) {
  struct row {
    std::string_view cache_control;
    std::chrono::seconds due;
  };
  for (const row& one : std::vector<row>{{"max-age=120", 120s},
                                         {"public, max-age=120, must-revalidate", 120s},
                                         {"MAX-AGE=\"120\"", 120s},
                                         {"max-age=0", 30s},
                                         {"max-age=29", 30s},
                                         {"max-age=86400", 3600s},
                                         {"max-age=99999999999999999999", 3600s},
                                         {"no-store", 600s},
                                         {"no-cache, max-age=120", 600s},
                                         {"max-age", 600s},
                                         {"max-age=", 600s},
                                         {"max-age=-5", 600s},
                                         {"max-age=1 2", 600s},
                                         {"s-maxage=120", 600s},
                                         {"", 600s}}) {
    SCOPED_TRACE(one.cache_control);
    answer(0s, one.cache_control);
    EXPECT_FALSE(is_due(one.due - 1s));
    EXPECT_TRUE(is_due(one.due));
  }
}

TEST_F(key_keeper_test, asks_for_a_missing_key_at_most_every_30_seconds) {
  EXPECT_TRUE(is_due(0s));
  answer(0s);
  EXPECT_FALSE(is_due(1s));
  keys_.miss();
  EXPECT_TRUE(is_due(2s)) << "nobody had missed one before";
  answer(2s);
  std::vector<std::chrono::seconds> asked;
  for (std::chrono::seconds second = 3s; second <= 100s; second += 1s) {
    keys_.miss();
    if (!is_due(second)) continue;
    asked.push_back(second);
    answer(second);
  }
  EXPECT_EQ(asked, (std::vector<std::chrono::seconds>{32s, 62s, 92s}));
}

TEST_F(key_keeper_test, one_miss_is_kept_until_it_may_be_looked_for) {
  EXPECT_TRUE(is_due(0s));
  answer(0s);
  keys_.miss();
  EXPECT_TRUE(is_due(1s));
  answer(1s);
  keys_.miss();
  EXPECT_FALSE(is_due(2s));
  EXPECT_EQ(due_after(3s, 100s), 31s);
}

TEST_F(key_keeper_test, what_was_missed_while_it_asked_is_not_looked_for_again) {
  EXPECT_TRUE(is_due(0s));
  keys_.miss();
  answer(1s);
  EXPECT_EQ(due_after(2s, 599s), -1s);
}

TEST_F(key_keeper_test, tries_again_in_growing_intervals) {
  std::vector<std::chrono::seconds> asked;
  for (std::chrono::seconds second = 0s; second <= 250s; second += 1s) {
    if (!is_due(second)) continue;
    asked.push_back(second);
    keeper_.failed(at(second));
  }
  EXPECT_EQ(asked,
            (std::vector<std::chrono::seconds>{0s, 1s, 3s, 7s, 15s, 31s, 63s, 123s, 183s, 243s}));
  EXPECT_TRUE(is_due(303s));
  answer(303s);
  EXPECT_TRUE(is_due(903s));
  keeper_.failed(at(903s));
  EXPECT_TRUE(is_due(904s)) << "after an answer the intervals begin anew";
}

TEST_F(key_keeper_test, a_miss_while_it_is_down_counts_as_any_other) {
  EXPECT_TRUE(is_due(0s));
  answer(0s);
  std::vector<std::chrono::seconds> asked;
  for (std::chrono::seconds second = 1s; second <= 70s; second += 1s) {
    keys_.miss();
    if (!is_due(second)) continue;
    asked.push_back(second);
    keeper_.failed(at(second));
  }
  // By the miss at 1 s, then as after any failure, and 30 s after the last one that looked for it.
  EXPECT_EQ(asked, (std::vector<std::chrono::seconds>{1s, 2s, 4s, 8s, 16s, 32s, 62s}));
}

TEST_F(key_keeper_test, a_bad_answer_changes_nothing_and_is_tried_again) {
  EXPECT_TRUE(is_due(0s));
  answer(0s);
  const auto before = keys_.current();
  for (const std::string& bad : std::vector<std::string>{
           "", "{}", "[]", "<html>", R"({"keys":[]})", R"({"keys":[{"kty":"OKP"}]})",
           set_of({a, a}), set_of({a}) + "x", R"({"keys":[],)" + set_of({a}).substr(1)}) {
    SCOPED_TRACE(bad);
    keeper_.ask_again();
    EXPECT_TRUE(is_due(5s));
    const auto answered = keeper_.answered(bad, no_word, at(5s));
    ASSERT_FALSE(answered);
    EXPECT_EQ(answered.error().code, errc::bad_argument);
    EXPECT_EQ(keys_.current(), before);
    EXPECT_EQ(keys_.generation(), 0U);
    EXPECT_TRUE(is_due(65s));
  }
}

TEST_F(key_keeper_test, says_what_is_new_and_voids_what_a_key_that_went_had_granted) {
  struct step {
    std::vector<std::string> keys;
    news what;
    std::uint64_t generation;
  };
  std::chrono::seconds second = 0s;
  for (const step& one : std::vector<step>{{{a}, news::first, 0},
                                           {{a}, news::same, 0},
                                           {{a, b}, news::changed, 0},
                                           {{b, a}, news::same, 0},
                                           {{b}, news::changed, 1},
                                           {{b, a}, news::changed, 1},
                                           {{b, other_a}, news::changed, 2},
                                           {{a}, news::changed, 3}}) {
    const auto what = keeper_.answered(set_of(one.keys), no_word, at(second += 1s));
    ASSERT_TRUE(what) << what.error().message;
    EXPECT_EQ(*what, one.what) << second.count();
    EXPECT_EQ(keys_.generation(), one.generation) << second.count();
    EXPECT_EQ(keys_.current()->size(), one.keys.size());
  }
}

TEST_F(key_keeper_test, the_last_good_set_serves_for_a_day) {
  answer(10s);
  EXPECT_FALSE(keeper_.withdraw_old(at(24h + 9s)));
  EXPECT_NE(keys_.current(), nullptr);
  EXPECT_TRUE(keeper_.withdraw_old(at(24h + 10s)));
  EXPECT_EQ(keys_.current(), nullptr);
  EXPECT_EQ(keys_.generation(), 1U);
  EXPECT_FALSE(keeper_.withdraw_old(at(24h + 11s))) << "once";
  const auto back = keeper_.answered(set_of({a}), no_word, at(25h));
  EXPECT_EQ(back.value(), news::first);
  EXPECT_FALSE(keeper_.withdraw_old(at(48h)));
  EXPECT_TRUE(keeper_.withdraw_old(at(49h)));
}

TEST_F(key_keeper_test, the_same_set_again_serves_for_another_day) {
  answer(0s);
  answer(3600s);
  EXPECT_FALSE(keeper_.withdraw_old(at(24h)));
  EXPECT_TRUE(keeper_.withdraw_old(at(25h)));
}

TEST_F(key_keeper_test, asks_again_when_it_is_told_to) {
  EXPECT_TRUE(is_due(0s));
  answer(0s);
  EXPECT_FALSE(is_due(1s));
  keeper_.ask_again();
  EXPECT_TRUE(is_due(1s));
}

TEST(key_keeper_of_a_file, reads_once_and_when_it_is_told_to_and_serves_on) {
  issuer_keys keys;
  key_keeper keeper(keys, key_place::kind::file);
  const time_point start = time_point{} + 1h;
  EXPECT_TRUE(keeper.take_due(start));
  ASSERT_TRUE(keeper.answered(set_of({a}), no_word, start));
  keys.miss();
  EXPECT_FALSE(keeper.take_due(start + 48h));
  EXPECT_FALSE(keeper.withdraw_old(start + 48h));
  keeper.ask_again();
  EXPECT_TRUE(keeper.take_due(start + 48h));
  keeper.failed(start + 48h);
  EXPECT_FALSE(keeper.take_due(start + 96h));
  EXPECT_NE(keys.current(), nullptr);
}

}  // namespace
}  // namespace factord::jwt::key_keeper_test

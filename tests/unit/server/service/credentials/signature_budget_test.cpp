#include "server/service/credentials/signature_budget.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace factord::service::signature_budget_test {
namespace {

using std::chrono::milliseconds;
using time_point = signature_budget::time_point;

struct step {
  milliseconds at;     ///< since the first
  bool room;           ///< whether one may be begun
  milliseconds takes;  ///< where it may
};

struct row {
  const char* what;
  std::vector<step> steps;
};

constexpr auto ms(int count) { return milliseconds(count); }

// 20 ms at once, a tenth of what passes.
const std::vector<row>& table() {
  static const std::vector<row> rows{
      {"a burst, and then nothing",
       {{ms(0), true, ms(12)}, {ms(0), true, ms(8)}, {ms(0), false, {}}}},
      {"a tenth comes back",
       {{ms(0), true, ms(20)},
        {ms(0), false, {}},
        {ms(10), true, ms(1)},
        {ms(10), false, {}},
        {ms(20), true, ms(1)}}},
      {"what was taken beyond is made up for",
       {{ms(0), true, ms(15)},
        {ms(0), true, ms(15)},
        {ms(99), false, {}},
        {ms(100), false, {}},
        {ms(110), true, ms(1)}}},
      {"no more than a burst is saved",
       {{ms(0), true, ms(20)}, {ms(100'000), true, ms(20)}, {ms(100'000), false, {}}}},
      {"nor is more than a burst owed",
       {{ms(0), true, ms(10'000)},
        {ms(0), false, {}},
        {ms(10), true, ms(10'000)},
        {ms(195), false, {}},
        {ms(210), true, ms(1)}}},
      {"a clock that stands still spends nothing",
       {{ms(0), true, ms(0)}, {ms(0), true, ms(-5)}, {ms(0), true, ms(0)}}},
  };
  return rows;
}

TEST(signature_budget, is_as_the_table_says) {
  for (const row& one : table()) {
    signature_budget budget;
    const time_point begin = time_point{} + std::chrono::hours(5);
    for (const step& next : one.steps) {
      EXPECT_EQ(budget.has_room(begin + next.at), next.room) << one.what << ", " << next.at.count();
      if (next.room) budget.spend(next.takes);
    }
  }
}

// Whatever each takes, and whenever it comes.
TEST(signature_budget, is_a_tenth_of_the_time_in_the_long_run) {
  for (const auto takes : {std::chrono::microseconds(30), std::chrono::microseconds(3'000)}) {
    signature_budget budget;
    time_point now{std::chrono::hours(1)};
    const time_point begin = now;
    std::chrono::nanoseconds spent{};
    for (int i = 0; i < 200'000; ++i) {
      now += std::chrono::microseconds(17);
      if (!budget.has_room(now)) continue;
      budget.spend(takes);
      now += takes;
      spent += takes;
    }
    const auto share = (now - begin) / signature_budget::one_in + signature_budget::burst;
    EXPECT_LE(spent, share + takes);
    EXPECT_GE(spent, share - takes - std::chrono::milliseconds(1));
  }
}

}  // namespace
}  // namespace factord::service::signature_budget_test

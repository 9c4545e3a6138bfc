#include "storage/postgres/primary_watch.hpp"

#include <gtest/gtest.h>

namespace factord::storage::primary_watch_test {
namespace {

using std::chrono::milliseconds;
using time = primary_watch::time;

constexpr server_tag first{.timeline = 1, .started_at = 10};
constexpr server_tag restarted{.timeline = 1, .started_at = 20};
constexpr server_tag promoted{.timeline = 2, .started_at = 5};

constexpr time at(int millis) { return time{milliseconds{millis}}; }

class watch : public ::testing::Test {
 protected:
  primary_watch watch_{milliseconds{1'000}};
};

TEST_F(watch, trusts_nobody_at_first) {
  EXPECT_EQ(watch_.newest_timeline(), 0U);
  EXPECT_EQ(watch_.standbys(), 0U);
  EXPECT_FALSE(watch_.current(first, at(0)));
  watch_.see({first});
  EXPECT_FALSE(watch_.current(first, at(0))) << "to be connected is no proof";
}

TEST_F(watch, trusts_a_server_for_a_while_from_when_it_was_asked) {
  watch_.see({first});
  // Whenever the answer came.
  watch_.acknowledged(first, at(500));
  EXPECT_TRUE(watch_.current(first, at(501)));
  EXPECT_TRUE(watch_.current(first, at(1'499)));
  EXPECT_FALSE(watch_.current(first, at(1'500)));
  watch_.acknowledged(first, at(700));
  watch_.acknowledged(first, at(600));  // of another session, that was slower
  EXPECT_TRUE(watch_.current(first, at(1'699)));
  EXPECT_FALSE(watch_.current(first, at(1'700)));
}

TEST_F(watch, trusts_no_server_for_another_one) {
  watch_.acknowledged(first, at(0));
  EXPECT_FALSE(watch_.current(restarted, at(1)));
  EXPECT_FALSE(watch_.current(promoted, at(1)));
  watch_.acknowledged(restarted, at(1));
  EXPECT_FALSE(watch_.current(first, at(2)));
  watch_.acknowledged(first, at(2));
  EXPECT_TRUE(watch_.current(first, at(3)));
}

TEST_F(watch, trusts_no_older_server_once_a_newer_one_was_seen) {
  watch_.see({first});
  watch_.acknowledged(first, at(0));
  EXPECT_FALSE(watch_.outdated(first));
  watch_.see({promoted});
  EXPECT_EQ(watch_.newest_timeline(), 2U);
  EXPECT_TRUE(watch_.outdated(first));
  EXPECT_FALSE(watch_.outdated(promoted));
  EXPECT_FALSE(watch_.current(first, at(1)));
  watch_.acknowledged(promoted, at(0));
  watch_.acknowledged(first, at(1));
  EXPECT_FALSE(watch_.current(first, at(2)));
  EXPECT_TRUE(watch_.current(promoted, at(2)));
  watch_.see({first});
  EXPECT_EQ(watch_.newest_timeline(), 2U);
}

TEST_F(watch, knows_who_waits_for_nobody_any_more) {
  EXPECT_EQ(watch_.take_waiting(first), std::nullopt);
  watch_.leave_waiting(first, 1);
  watch_.leave_waiting(first, 2);
  EXPECT_EQ(watch_.take_waiting(first), 2);
  EXPECT_EQ(watch_.take_waiting(first), 1);
  EXPECT_EQ(watch_.take_waiting(first), std::nullopt);
  watch_.leave_waiting(first, 3);
  EXPECT_EQ(watch_.take_waiting(restarted), std::nullopt);
  EXPECT_EQ(watch_.take_waiting(first), std::nullopt) << "whose processes are gone";
}

}  // namespace
}  // namespace factord::storage::primary_watch_test

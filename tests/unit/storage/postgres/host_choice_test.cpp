#include "storage/postgres/host_choice.hpp"

#include <gtest/gtest.h>

namespace factord::storage::host_choice_test {
namespace {

using std::chrono::milliseconds;

constexpr host_choice::time begin{};
constexpr host_choice::time end = begin + milliseconds{900};

TEST(host_choice, takes_the_newest_and_of_those_the_first) {
  host_choice of{session_rules{}, 3, end, 0};
  EXPECT_TRUE(of.takes("a", 1));
  EXPECT_TRUE(of.takes("b", 2));
  EXPECT_FALSE(of.takes("c", 2));
}

TEST(host_choice, takes_none_that_is_older_than_one_that_was_seen) {
  host_choice of{session_rules{}, 2, end, 3};
  of.refused("a", {errc::bad_argument, "fsync is off"});
  EXPECT_FALSE(of.takes("b", 2));
  EXPECT_EQ(of.why_none().code, errc::bad_argument) << "worth more than one that is not there";
  EXPECT_EQ(of.why_none().message,
            "a: fsync is off; b: an old primary: its timeline is 2, and this process has seen 3 (a "
            "database that was moved on purpose needs a restart)");
}

TEST(host_choice, leaves_time_for_the_others_and_for_what_comes_after_them) {
  host_choice of{session_rules{}, 2, end, 0};
  EXPECT_EQ(of.next_by(begin), begin + milliseconds{300});
  EXPECT_EQ(of.next_by(begin + milliseconds{300}), begin + milliseconds{600});
  host_choice alone{session_rules{}, 1, end, 0};
  EXPECT_EQ(alone.next_by(begin), end);
}

TEST(host_choice, waits_for_no_host_longer_than_for_a_connection) {
  session_rules rules;
  rules.connect_time = milliseconds{100};
  EXPECT_EQ((host_choice{rules, 1, end, 0}.next_by(begin)), begin + milliseconds{100});
}

}  // namespace
}  // namespace factord::storage::host_choice_test

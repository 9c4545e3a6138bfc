#include "server/service/email_code.hpp"

#include <gtest/gtest.h>

namespace factord::service::email_code_test {
namespace {

using namespace std::chrono_literals;

constexpr timestamp noon{24h * 20'000};

storage::user_record user_with_code() {
  storage::user_record user;
  user.set_email_code_hash("hash");
  return user;
}

struct moment {
  std::chrono::microseconds after;  ///< the code was made
  bool open;
};

// Five minutes are what a clock may be set back without its codes being taken for another's.
constexpr moment moments[] = {{0s, true},    {1h - 1us, true},     {1h, false},  {25h, false},
                              {-5min, true}, {-5min - 1us, false}, {-24h, false}};

TEST(email_code, is_open_for_its_hour_by_the_wall_clock) {
  storage::user_record user = user_with_code();
  user.set_email_code_created_at(to_micros(noon + 24h));  // of a log that is ahead
  user.set_email_code_expires_at(to_micros(email_code::expiry(noon)));
  for (const moment& one : moments)
    EXPECT_EQ(email_code::is_open(user, noon + one.after), one.open) << one.after.count();
}

TEST(email_code, of_an_event_that_does_not_say_when_it_ends_is_open_for_an_hour_from_then) {
  storage::user_record user = user_with_code();
  user.set_email_code_created_at(to_micros(noon));
  for (const moment& one : moments)
    EXPECT_EQ(email_code::is_open(user, noon + one.after), one.open) << one.after.count();
}

TEST(email_code, is_void_after_ten_failures) {
  storage::user_record user = user_with_code();
  user.set_email_code_expires_at(to_micros(email_code::expiry(noon)));
  user.set_email_code_failures(9);
  EXPECT_TRUE(email_code::is_open(user, noon));
  user.set_email_code_failures(10);
  EXPECT_FALSE(email_code::is_open(user, noon));
  user.set_email_code_failures(0);
  user.clear_email_code_hash();
  EXPECT_FALSE(email_code::is_open(user, noon)) << "there is none";
}

}  // namespace
}  // namespace factord::service::email_code_test

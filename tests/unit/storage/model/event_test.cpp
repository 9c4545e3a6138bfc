#include "storage/model/event.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace factord::storage::event_test {
namespace {

struct event_case {
  event_type type;
  std::uint32_t number;
  std::string_view name;
  bool affects_tokens;
};

// The numbers and names are in logs and in what clients read: they never change.
constexpr event_case cases[] = {
    {event_type::human_added, 1, "user.human.added", false},
    {event_type::email_code_added, 2, "user.human.email.code.added", false},
    {event_type::email_verified, 3, "user.human.email.verified", false},
    {event_type::email_verification_failed, 4, "user.human.email.verification.failed", false},
    {event_type::otp_email_added, 5, "user.human.mfa.otp.email.added", false},
    {event_type::otp_email_removed, 6, "user.human.mfa.otp.email.removed", false},
    {event_type::locked, 7, "user.locked", true},
    {event_type::unlocked, 8, "user.unlocked", true},
    {event_type::deactivated, 9, "user.deactivated", true},
    {event_type::reactivated, 10, "user.reactivated", true},
    {event_type::removed, 11, "user.removed", true},
    {event_type::token_added, 12, "user.pat.added", true},
    {event_type::token_removed, 13, "user.pat.removed", true},
};

TEST(event, every_type_has_its_number_and_name) {
  ASSERT_EQ(std::size(cases), event_type_count);
  for (const event_case& expected : cases) {
    EXPECT_EQ(static_cast<std::uint32_t>(expected.type), expected.number);
    EXPECT_EQ(name(expected.type), expected.name);
    EXPECT_EQ(find_event_type(expected.name), expected.type);
    EXPECT_EQ(affects_tokens(expected.type), expected.affects_tokens) << expected.name;
  }
}

TEST(event, other_numbers_are_no_type) {
  for (const std::uint32_t number : {0U, event_type_count + 1, 1'000'000U}) {
    EXPECT_EQ(name(static_cast<event_type>(number)), "") << number;
    EXPECT_FALSE(affects_tokens(static_cast<event_type>(number))) << number;
  }
}

TEST(event, other_names_are_no_type) {
  for (const std::string_view text : {"", "user", "user.locked ", "User.locked", "user.human"})
    EXPECT_EQ(find_event_type(text), std::nullopt) << text;
}

}  // namespace
}  // namespace factord::storage::event_test

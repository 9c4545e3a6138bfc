#include "server/service/call.hpp"

#include <gtest/gtest.h>

#include <string>

namespace factord::service::call_test {
namespace {

// A refused request may bring as much as its body holds; the call that read it goes back to the
// pool, and is then counted for what an accepted one needs.
TEST(call_test, what_was_long_once_does_not_stay) {
  call pending(0);
  const std::string text(60'000, 'x');
  for (std::string* const part :
       {&pending.in.user_id, &pending.in.authorization, &pending.in.org, &pending.in.username,
        &pending.in.email, &pending.in.verification_code, &pending.in.token_id,
        &pending.rejected.message}) {
    *part = text;
    pending.clear();
    EXPECT_TRUE(part->empty());
    EXPECT_LT(part->capacity(), 1'000U);
  }
}

}  // namespace
}  // namespace factord::service::call_test

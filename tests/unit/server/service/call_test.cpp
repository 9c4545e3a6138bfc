#include "server/service/call.hpp"

#include <gtest/gtest.h>

#include <string>

namespace factord::service::call_test {
namespace {

// A refused request may bring as much as its body holds; the call that read it goes back to the
// pool, and is then counted for what an accepted one needs.
TEST(call_test, what_was_long_once_does_not_stay) {
  call work(0);
  const std::string text(60'000, 'x');
  for (std::string* const part :
       {&work.in.user_id, &work.in.authorization, &work.in.org, &work.in.username, &work.in.email,
        &work.in.verification_code, &work.in.token_id, &work.rejected.message}) {
    *part = text;
    work.clear();
    EXPECT_TRUE(part->empty());
    EXPECT_LT(part->capacity(), 1'000U);
  }
}

}  // namespace
}  // namespace factord::service::call_test

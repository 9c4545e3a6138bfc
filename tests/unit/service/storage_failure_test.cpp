#include "tests/unit/support/service_fixture.hpp"

namespace factord::service {
namespace {

class storage_failure : public service_fixture {};

TEST_F(storage_failure, the_failed_batch_is_unknown_and_later_writes_are_refused) {
  add_user("u1", "org1");
  add_factor("u1");
  const std::string by = admin();
  store_.fail_commit(1);
  const answer& failed = ask(operation::remove_otp_email, by, "u1");
  EXPECT_EQ(failed.code, status_code::internal);
  EXPECT_EQ(failed.message, "storage failed, outcome unknown");
  EXPECT_EQ(failed.details.sequence, 0U) << "no sequence of an event that may not exist";
  const answer& later = ask(operation::remove_otp_email, by, "u1");
  EXPECT_EQ(later.code, status_code::unavailable);
  EXPECT_EQ(later.message, "storage failed");
}

TEST_F(storage_failure, a_closed_queue_refuses) {
  add_user("u1", "org1");
  const std::string by = admin();
  queue_->close();
  EXPECT_EQ(ask(operation::lock_user, by, "u1").code, status_code::unavailable);
}

}  // namespace
}  // namespace factord::service

#include "storage/commit/seed_users.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/audit/verify.hpp"
#include "storage/engine/memory_engine.hpp"
#include "storage/model/event.hpp"

namespace factord::storage::seed_users_test {
namespace {

using ::testing::HasSubstr;

std::uint64_t count(const verify_report& report, event_type type) {
  return report.events_by_type[static_cast<std::size_t>(type)];
}

verify_report verified(const log_source& store) {
  auto report = verify(store, [](auto, auto, auto) {});
  EXPECT_TRUE(report);
  EXPECT_THAT(report->problems, ::testing::IsEmpty());
  return *report;
}

result<void> seed(engine& store, const char* first, std::uint64_t users, const char* org = "acme") {
  return seed_users(store, *id_range::make(first, users), org, [](std::uint64_t) {});
}

TEST(seed_users, writes_three_real_events_for_each) {
  memory_engine store{"test"};
  std::vector<std::uint64_t> progress;
  ASSERT_TRUE(seed_users(store, *id_range::make("100", 1'234), "acme",
                         [&progress](std::uint64_t added) { progress.push_back(added); }));

  const auto report = verified(store);
  EXPECT_EQ(report.head.sequence, 3 * 1'234U);
  EXPECT_EQ(report.users, 1'234U);
  EXPECT_EQ(report.factors, 1'234U);
  EXPECT_EQ(count(report, event_type::human_added), 1'234U);
  EXPECT_EQ(count(report, event_type::email_verified), 1'234U);
  EXPECT_EQ(count(report, event_type::otp_email_added), 1'234U);
  EXPECT_THAT(progress, ::testing::Not(::testing::IsEmpty()));
  EXPECT_EQ(progress.back(), 1'234U);
}

TEST(seed_users, goes_on_where_an_earlier_seed_ended) {
  memory_engine store{"test"};
  ASSERT_TRUE(seed(store, "1", 10));
  ASSERT_TRUE(seed(store, "11", 10));
  EXPECT_EQ(verified(store).users, 20U);
}

TEST(seed_users, stops_at_an_id_that_exists) {
  memory_engine store{"test"};
  ASSERT_TRUE(seed(store, "1700", 1));
  const auto stopped = seed(store, "1000", 1'000);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, errc::already_exists);
  EXPECT_THAT(stopped.error().message, HasSubstr("user 1700 exists already"));
  EXPECT_THAT(stopped.error().message, HasSubstr("700 users were added before"));
  EXPECT_EQ(verified(store).users, 701U);
}

TEST(seed_users, stops_at_an_id_that_exists_in_another_org) {
  memory_engine store{"test"};
  ASSERT_TRUE(seed(store, "5", 1, "other"));
  EXPECT_EQ(seed(store, "5", 1).error().code, errc::already_exists);
}

TEST(seed_users, tells_of_a_store_that_fails) {
  memory_engine store{"test"};
  store.fail_commit(2);
  const auto failed = seed(store, "1000", 1'000);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, errc::storage_failed);
  EXPECT_THAT(failed.error().message, HasSubstr("500 users were added before"));
}

}  // namespace
}  // namespace factord::storage::seed_users_test

// What a queue and its batches take, at each limit and one past it.
#include "tests/unit/storage/commit/commit_queue_fixture.hpp"

namespace factord::storage::testing::commit_queue_limits_test {
namespace {

TEST_F(committing, the_queue_takes_its_limit_of_commands_and_no_more) {
  commit_queue& q = queue({.queue_commands = 3});
  for (const char* user : {"a", "b", "c"})
    ASSERT_EQ(q.submit(adding(user)), submit_status::accepted);
  append_events& refused = adding("d");
  EXPECT_EQ(q.submit(refused), submit_status::full);
  q.run_batch(noon);
  EXPECT_FALSE(refused.outcome);
  EXPECT_EQ(q.submit(refused), submit_status::accepted);
}

TEST_F(committing, the_queue_takes_its_limit_of_bytes_and_no_more) {
  commit_queue& q = queue({.queue_bytes = 300});
  for (const char* user : {"a", "b", "c"})
    ASSERT_EQ(q.submit(adding(user)), submit_status::accepted);
  append_events& refused = adding("d");
  refused.size = 1;
  EXPECT_EQ(q.submit(refused), submit_status::full);
  q.run_batch(noon);
  EXPECT_EQ(q.submit(refused), submit_status::accepted);
}

TEST_F(committing, a_batch_takes_its_limit_of_commands_and_no_more) {
  commit_queue& q = queue({.queue_commands = 4, .batch_commands = 3});
  for (const char* user : {"a", "b", "c", "d"}) {
    ASSERT_EQ(q.submit(adding(user)), submit_status::accepted);
  }
  q.run_batch(noon);
  EXPECT_EQ(completed_.size(), 3U);
  // The ring of the queue has turned round by then.
  ASSERT_EQ(q.submit(adding("e")), submit_status::accepted);
  q.run_batch(noon);
  EXPECT_EQ(completed_.size(), 5U);
  EXPECT_EQ(adds_[4].sequences, std::vector<std::uint64_t>{5});
}

TEST_F(committing, a_batch_takes_half_of_what_waits_but_at_least_12_commands) {
  struct row {
    std::size_t waiting;
    std::size_t taken;
  };
  for (const row& one : {row{12, 12}, row{13, 12}, row{24, 12}, row{25, 13}, row{101, 51}}) {
    commit_queue& q = queue();
    for (std::size_t i = 0; i < one.waiting; ++i) {
      ASSERT_EQ(q.submit(adding("user")), submit_status::accepted);
    }
    completed_.clear();
    ASSERT_TRUE(q.run_batch(noon));
    EXPECT_EQ(completed_.size(), one.taken) << "of " << one.waiting;
    while (q.run_batch(noon)) {
    }
    EXPECT_EQ(completed_.size(), one.waiting);
  }
}

TEST_F(committing, a_batch_takes_its_limit_of_bytes_and_no_more) {
  commit_queue& q = queue({.batch_bytes = 300});
  for (const char* user : {"a", "b", "c", "d"}) {
    append_events& pending = adding(user);
    if (adds_.size() == 3) pending.size = 101;
    ASSERT_EQ(q.submit(pending), submit_status::accepted);
  }
  q.run_batch(noon);
  EXPECT_EQ(completed_.size(), 2U) << "the third would be one byte too many";
  q.run_batch(noon);
  EXPECT_EQ(completed_.size(), 4U);
}

TEST_F(committing, one_command_fits_into_a_batch_however_large) {
  commit_queue& q = queue({.batch_bytes = 300});
  adding("a").size = 1000;
  ASSERT_EQ(q.submit(adds_[0]), submit_status::accepted);
  ASSERT_EQ(q.submit(adding("b")), submit_status::accepted);
  q.run_batch(noon);
  EXPECT_EQ(completed_.size(), 1U);
  q.run_batch(noon);
  EXPECT_EQ(completed_.size(), 2U);
}

}  // namespace
}  // namespace factord::storage::testing::commit_queue_limits_test

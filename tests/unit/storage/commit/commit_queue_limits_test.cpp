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

TEST_F(committing, the_queue_s_limit_is_of_both_lanes) {
  commit_queue& q = queue({.queue_commands = 2});
  ASSERT_EQ(q.submit(adding("a"), lane::bulk), submit_status::accepted);
  ASSERT_EQ(q.submit(adding("b")), submit_status::accepted);
  EXPECT_EQ(q.submit(adding("c")), submit_status::full);
  EXPECT_EQ(q.submit(adding("d"), lane::bulk), submit_status::full);
}

TEST_F(committing, single_commands_go_before_those_of_bulks) {
  commit_queue& q = queue();
  for (const char* user : {"bulk 1", "bulk 2"})
    ASSERT_EQ(q.submit(adding(user), lane::bulk), submit_status::accepted);
  for (const char* user : {"single 1", "single 2"})
    ASSERT_EQ(q.submit(adding(user)), submit_status::accepted);
  ASSERT_TRUE(q.run_batch(noon));
  const std::vector<std::uint64_t> order{3, 4, 1, 2};
  for (std::size_t i = 0; i < order.size(); ++i)
    EXPECT_EQ(adds_[i].sequences, std::vector<std::uint64_t>{order[i]}) << i;
}

TEST_F(committing, of_bulks_a_batch_takes_64_where_single_ones_wait_or_did_of_late) {
  commit_queue& q = queue();
  for (int i = 0; i < 1'000; ++i)
    ASSERT_EQ(q.submit(adding("bulk"), lane::bulk), submit_status::accepted);
  const auto taken = [&] {
    completed_.clear();
    EXPECT_TRUE(q.run_batch(noon));
    return completed_.size();
  };
  EXPECT_EQ(taken(), 500U) << "nobody else is there";
  ASSERT_EQ(q.submit(adding("single")), submit_status::accepted);
  EXPECT_EQ(taken(), 1U + 64U);
  EXPECT_EQ(taken(), 64U) << "another one may come";
  EXPECT_EQ(taken(), (1'000U - 500U - 64U - 64U) / 2U);
}

TEST_F(committing, bulks_are_not_kept_waiting_by_single_commands) {
  commit_queue& q = queue({.batch_commands = 20});
  append_events& line = adding("bulk");
  ASSERT_EQ(q.submit(line, lane::bulk), submit_status::accepted);
  for (int i = 0; i < 1'000; ++i) ASSERT_EQ(q.submit(adding("single")), submit_status::accepted);
  ASSERT_TRUE(q.run_batch(noon));
  EXPECT_TRUE(line.outcome);
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

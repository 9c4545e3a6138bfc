#include "storage/commit/commit_queue.hpp"

#include "tests/unit/storage/commit/commit_queue_fixture.hpp"

namespace factord::storage::testing::commit_queue_test {
namespace {

TEST_F(committing, nothing_waiting_is_no_batch) {
  EXPECT_FALSE(queue().run_batch(noon));
  EXPECT_TRUE(calls_.empty());
}

TEST_F(committing, commands_are_decided_and_numbered_in_order) {
  commit_queue& q = queue();
  for (const char* user : {"a", "b", "c"}) {
    ASSERT_EQ(q.submit(adding(user)), submit_status::accepted);
  }
  EXPECT_TRUE(q.run_batch(noon));
  for (std::size_t i = 0; i < adds_.size(); ++i) {
    EXPECT_EQ(adds_[i].sequences, std::vector<std::uint64_t>{i + 1});
    EXPECT_EQ(adds_[i].outcome, commit_outcome::committed);
    EXPECT_EQ(completed_[i], &adds_[i]);
  }
  EXPECT_EQ(calls_, (strings{"committed 3", "complete 0: 3"}));
  EXPECT_FALSE(q.run_batch(noon));
}

TEST_F(committing, a_job_is_done_before_the_next_batch_and_alone_too) {
  commit_queue& q = queue();
  submit({"a"});
  ASSERT_TRUE(q.between_batches([this] { calls_.emplace_back("job"); }));
  EXPECT_TRUE(q.run_batch(noon));
  EXPECT_EQ(calls_, (strings{"job", "committed 1", "complete 0: 1"}));
  ASSERT_TRUE(q.between_batches([this] { calls_.emplace_back("another"); }));
  EXPECT_FALSE(q.run_batch(noon)) << "it is no batch";
  EXPECT_EQ(calls_.back(), "another");
}

TEST_F(committing, a_job_is_done_whatever_has_failed) {
  commit_queue& q = queue();
  store_.fail_commit(1);
  submit({"a"});
  q.run_batch(noon);
  bool done = false;
  ASSERT_TRUE(q.between_batches([&done] { done = true; }));
  q.run_batch(noon);
  EXPECT_TRUE(done);
}

TEST_F(committing, run_does_a_job_before_it_ends_and_none_is_taken_afterwards) {
  commit_queue& q = queue();
  bool done = false;
  ASSERT_TRUE(q.between_batches([&done] { done = true; }));
  q.close();
  EXPECT_FALSE(q.between_batches([] {}));
  q.run();
  EXPECT_TRUE(done);
}

TEST_F(committing, later_commands_of_a_batch_see_earlier_ones) {
  commit_queue& q = queue();
  take_factor before{"a"};
  take_factor winner{"a"};
  take_factor loser{"a"};
  ASSERT_EQ(q.submit(before), submit_status::accepted);
  ASSERT_EQ(q.submit(adding("a")), submit_status::accepted);
  ASSERT_EQ(q.submit(winner), submit_status::accepted);
  ASSERT_EQ(q.submit(loser), submit_status::accepted);
  q.run_batch(noon);
  EXPECT_FALSE(before.taken);
  EXPECT_TRUE(winner.taken);
  EXPECT_FALSE(loser.taken);
  EXPECT_TRUE(all_states(store_).empty());
}

TEST_F(committing, a_batch_of_refusals_writes_nothing) {
  commit_queue& q = queue();
  store_.fail_commit(1);
  take_factor refused{"a"};
  ASSERT_EQ(q.submit(refused), submit_status::accepted);
  q.run_batch(noon);
  EXPECT_EQ(refused.outcome, commit_outcome::committed);
  EXPECT_EQ(calls_, (strings{"complete 0: 1"}));
}

TEST_F(committing, that_tokens_changed_is_told_once_and_before_any_completion) {
  commit_queue& q = queue();
  const auto run = [&](command& pending) {
    calls_.clear();
    ASSERT_EQ(q.submit(pending), submit_status::accepted);
    q.run_batch(noon);
  };
  append_events lock{{event_of(event_type::locked, "a"), event_of(event_type::unlocked, "a")}};
  run(lock);
  EXPECT_EQ(calls_, (strings{"tokens 1", "committed 2", "complete 0: 1"}));
  EXPECT_EQ(lock.decided_at.token_epoch, 0U) << "that of the states";
  run(adding("b"));
  EXPECT_EQ(calls_, (strings{"committed 1", "complete 0: 1"}));
  EXPECT_EQ(adds_[0].decided_at.token_epoch, 1U);

  // What another has changed is seen by who changes nothing.
  memory_engine elsewhere{store_.shared()};
  ASSERT_TRUE(append_all(elsewhere, {event_of(event_type::locked, "a")}));
  take_factor refused{"a"};
  run(refused);
  EXPECT_EQ(calls_, (strings{"tokens 2", "complete 0: 1"}));
  take_factor again{"a"};
  run(again);
  EXPECT_EQ(calls_, (strings{"complete 0: 1"}));
}

TEST_F(committing, every_load_has_an_end) {
  commit_queue& q = queue();
  take_factor refused{"a"};
  ASSERT_EQ(q.submit(refused), submit_status::accepted);
  q.run_batch(noon);
  EXPECT_FALSE(store_.in_transaction()) << "a batch of refusals is abandoned";
  submit({"a"});
  q.run_batch(noon);
  EXPECT_FALSE(store_.in_transaction());
  store_.damage(factor_of("b"));
  submit({"b"});
  q.run_batch(noon);
  EXPECT_FALSE(store_.in_transaction()) << "nothing could be loaded";
  take_factor other{"c"};
  submit({"b"});
  ASSERT_EQ(q.submit(other), submit_status::accepted);
  q.run_batch(noon);
  EXPECT_FALSE(store_.in_transaction()) << "what could be loaded was refused";
  store_.fail_commit(1);
  submit({"d"});
  q.run_batch(noon);
  EXPECT_TRUE(q.failed());
  EXPECT_FALSE(store_.in_transaction());
}

TEST_F(committing, each_shard_is_told_once_a_batch_in_order_of_submission) {
  commit_queue& q = queue();
  std::vector<command*> submitted;
  for (const std::uint32_t shard : {2U, 0U, 2U, 2U, 0U}) {
    command& pending = adding(std::to_string(submitted.size()), shard);
    submitted.push_back(&pending);
    ASSERT_EQ(q.submit(pending), submit_status::accepted);
  }
  q.run_batch(noon);
  EXPECT_EQ(calls_, (strings{"committed 5", "complete 0: 2", "complete 2: 3"}));
  EXPECT_EQ(completed_, (std::vector<command*>{submitted[1], submitted[4], submitted[0],
                                               submitted[2], submitted[3]}));
}

TEST_F(committing, created_at_never_goes_back_and_the_wall_clock_is_told_as_it_is) {
  commit_queue& q = queue();
  const auto decided_at = [&](std::string_view user, timestamp now) {
    append_events& pending = adding(user);
    EXPECT_EQ(q.submit(pending), submit_status::accepted);
    q.run_batch(now);
    return pending.decided_at;
  };
  const auto check = [&](std::string_view user, std::int64_t wall, std::int64_t created_at) {
    const decision_times at = decided_at(user, from_micros(wall));
    EXPECT_EQ(at.wall, from_micros(wall)) << user;
    EXPECT_EQ(at.created_at, from_micros(created_at)) << user;
  };
  check("a", 500, 500);
  check("b", 400, 500);
  check("c", 501, 501);
  const auto stored =
      read<events_answer>([&](auto done) { store_.read_events(0, 10, std::move(done)); });
  EXPECT_EQ(stored.head.created_at, from_micros(501));
}

TEST_F(committing, a_closed_queue_takes_nothing_and_finishes_what_it_has) {
  commit_queue& q = queue({.batch_commands = 2});
  for (const char* user : {"a", "b", "c"})
    ASSERT_EQ(q.submit(adding(user)), submit_status::accepted);
  q.close();
  EXPECT_EQ(q.submit(adding("d")), submit_status::closed);
  q.run();  // returns, because the queue is closed
  EXPECT_EQ(completed_.size(), 3U);
}

TEST_F(committing, works_without_hooks) {
  commit_queue q{store_, {}, {}, 1};
  ASSERT_EQ(q.submit(adding("a")), submit_status::accepted);
  EXPECT_TRUE(q.run_batch(noon));
  EXPECT_EQ(adds_[0].outcome, commit_outcome::committed);
}

}  // namespace
}  // namespace factord::storage::testing::commit_queue_test

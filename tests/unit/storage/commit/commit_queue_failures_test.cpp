// What a queue does when its store fails, in a call or in the background.
#include "tests/unit/storage/commit/commit_queue_fixture.hpp"

namespace factord::storage::testing::commit_queue_failures_test {
namespace {

TEST_F(committing, after_a_failed_commit_nothing_is_written_any_more) {
  commit_queue& q = queue({.batch_commands = 2});
  store_.fail_commit(1);
  for (const std::uint32_t shard : {0U, 1U, 0U}) {
    ASSERT_EQ(q.submit(adding("u" + std::to_string(shard), shard)), submit_status::accepted);
  }
  q.run_batch(noon);
  EXPECT_TRUE(q.failed());
  EXPECT_EQ(calls_, (strings{"failed io_error", "complete 0: 1", "complete 1: 1"}));
  EXPECT_EQ(adds_[0].outcome, commit_outcome::storage_failed);
  EXPECT_EQ(q.submit(adding("late")), submit_status::failed);

  // What was waiting is answered, not decided; the failure is told once.
  calls_.clear();
  EXPECT_TRUE(q.run_batch(noon));
  EXPECT_EQ(calls_, (strings{"complete 0: 1"}));
  EXPECT_EQ(adds_[2].outcome, commit_outcome::storage_failed);
  EXPECT_TRUE(adds_[2].sequences.empty());
  EXPECT_FALSE(q.run_batch(noon));
  EXPECT_TRUE(all_states(store_).empty());
}

TEST_F(committing, a_command_that_cannot_be_loaded_ends_alone) {
  commit_queue& q = queue();
  store_.damage(factor_of("b"));
  submit({"a", "b", "c"});
  EXPECT_TRUE(q.run_batch(noon));
  EXPECT_EQ(calls_, (strings{"unreadable corruption", "committed 2", "complete 0: 3"}));
  EXPECT_EQ(completed_, (std::vector<command*>{&adds_[0], &adds_[1], &adds_[2]}));
  EXPECT_EQ(adds_[0].outcome, commit_outcome::committed);
  EXPECT_EQ(adds_[1].outcome, commit_outcome::load_failed);
  EXPECT_TRUE(adds_[1].sequences.empty()) << "it decided nothing";
  EXPECT_EQ(adds_[2].sequences, std::vector<std::uint64_t>{2});

  // And so the next time: the store is as well as before.
  EXPECT_FALSE(q.failed());
  submit({"b", "d"});
  EXPECT_TRUE(q.run_batch(noon));
  EXPECT_EQ(adds_[3].outcome, commit_outcome::load_failed);
  EXPECT_EQ(adds_[4].sequences, std::vector<std::uint64_t>{3});
}

TEST_F(committing, a_batch_of_which_nothing_can_be_loaded_writes_nothing) {
  commit_queue& q = queue();
  store_.damage(factor_of("a"));
  store_.fail_commit(1);
  submit({"a"});
  EXPECT_TRUE(q.run_batch(noon));
  EXPECT_EQ(calls_, (strings{"unreadable corruption", "complete 0: 1"}));
  EXPECT_EQ(adds_[0].outcome, commit_outcome::load_failed);
}

TEST_F(committing, a_batch_that_can_be_loaded_one_by_one_is_committed_as_one) {
  commit_queue& q = queue();
  store_.fail_load(1);
  submit({"a", "b"});
  EXPECT_TRUE(q.run_batch(noon));
  EXPECT_EQ(calls_, (strings{"committed 2", "complete 0: 2"}));
}

TEST_F(committing, what_could_be_loaded_alone_and_then_no_more_ends_undone) {
  commit_queue& q = queue();
  store_.damage(factor_of("b"));
  store_.fail_load(5);  // after that of the batch and those of its three commands
  submit({"a", "b", "c"});
  EXPECT_TRUE(q.run_batch(noon));
  EXPECT_EQ(calls_, (strings{"unreadable corruption", "unreadable io_error", "unreadable io_error",
                             "complete 0: 3"}));
  for (const append_events& one : adds_) EXPECT_EQ(one.outcome, commit_outcome::load_failed);
  EXPECT_FALSE(q.failed());
}

TEST_F(committing, a_failed_commit_of_what_was_loaded_one_by_one_is_a_failure_of_the_store) {
  commit_queue& q = queue();
  store_.damage(factor_of("b"));
  store_.fail_commit(1);
  submit({"a", "b"});
  EXPECT_TRUE(q.run_batch(noon));
  EXPECT_EQ(calls_, (strings{"unreadable corruption", "failed io_error", "complete 0: 2"}));
  EXPECT_EQ(adds_[0].outcome, commit_outcome::storage_failed);
  EXPECT_EQ(adds_[1].outcome, commit_outcome::load_failed) << "of this one it is known";
}

TEST_F(committing, a_load_that_the_store_refuses_fails_the_batch_undecided) {
  store_.fail_commit(1);
  ASSERT_FALSE(append_all(store_, {event_of(event_type::locked, "x")}));
  commit_queue& q = queue();
  ASSERT_EQ(q.submit(adding("a")), submit_status::accepted);
  q.run_batch(noon);
  EXPECT_EQ(adds_[0].outcome, commit_outcome::storage_failed);
  EXPECT_TRUE(adds_[0].sequences.empty());
  EXPECT_EQ(calls_, (strings{"failed storage_failed", "complete 0: 1"}));
}

TEST_F(committing, a_failure_in_the_background_is_told_without_a_write) {
  commit_queue& q = queue();
  store_.fail_in_background();
  EXPECT_TRUE(calls_.empty()) << "the commit thread tells";
  EXPECT_FALSE(q.run_batch(noon));
  EXPECT_TRUE(q.failed());
  EXPECT_EQ(calls_, (strings{"failed io_error"}));
  EXPECT_EQ(q.submit(adding("a")), submit_status::failed);
  EXPECT_FALSE(q.run_batch(noon));
  EXPECT_EQ(calls_.size(), 1U);
}

TEST_F(committing, a_store_that_failed_before_the_queue_was_there) {
  store_.fail_in_background();
  commit_queue& q = queue();
  ASSERT_EQ(q.submit(adding("a")), submit_status::accepted);
  EXPECT_TRUE(q.run_batch(noon));
  EXPECT_EQ(adds_[0].outcome, commit_outcome::storage_failed);
  EXPECT_EQ(calls_, (strings{"failed io_error", "complete 0: 1"}));
}

TEST_F(committing, a_failed_batch_is_not_told_again_by_the_store) {
  commit_queue& q = queue();
  store_.fail_commit(1);
  ASSERT_EQ(q.submit(adding("a")), submit_status::accepted);
  q.run_batch(noon);
  store_.fail_in_background();
  EXPECT_FALSE(q.run_batch(noon));
  EXPECT_EQ(calls_, (strings{"failed io_error", "complete 0: 1"}));
}

TEST_F(committing, a_queue_that_is_gone_is_not_told) {
  class listened_to final : public memory_engine {
   public:
    using memory_engine::memory_engine;
    void on_background_failure(std::function<void(const error& failure)> tell) override {
      someone_listens = static_cast<bool>(tell);
      memory_engine::on_background_failure(std::move(tell));
    }
    bool someone_listens = false;
  };
  listened_to store{"store"};
  {
    const commit_queue q{store, {}, {}, 1};
    EXPECT_TRUE(store.someone_listens);
  }
  EXPECT_FALSE(store.someone_listens);
}

}  // namespace
}  // namespace factord::storage::testing::commit_queue_failures_test

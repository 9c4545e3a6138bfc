#include "storage/commit/commit_queue.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "storage/engine/memory_engine.hpp"
#include "storage/model/keys.hpp"
#include "tests/unit/storage/commit/commands.hpp"

namespace factord::storage {
namespace {

using testing::append_events;
using testing::event_of;
using testing::take_factor;

constexpr timestamp noon = from_micros(1'000'000);

class commit_queue_test : public ::testing::Test {
 protected:
  commit_hooks hooks() {
    commit_hooks told;
    told.committed = [this](std::span<const event_type> types) {
      calls_.push_back("committed " + std::to_string(types.size()));
    };
    told.tokens_changed = [this](std::uint64_t epoch) {
      calls_.push_back("tokens " + std::to_string(epoch));
    };
    told.complete = [this](std::uint32_t shard, std::span<command* const> done) {
      calls_.push_back("complete " + std::to_string(shard) + ": " + std::to_string(done.size()));
      completed_.insert(completed_.end(), done.begin(), done.end());
    };
    told.unreadable = [this](const error& cause) {
      calls_.push_back("unreadable " + std::string{name(cause.code)});
    };
    told.failed = [this](const error& failure) {
      calls_.push_back("failed " + std::string{name(failure.code)});
    };
    return told;
  }
  commit_queue& queue(commit_limits limits = {}) {
    queue_ = std::make_unique<commit_queue>(store_, limits, hooks(), 3);
    return *queue_;
  }
  append_events& adding(std::string_view user, std::uint32_t shard = 0) {
    return adds_.emplace_back(std::vector{event_of(event_type::otp_email_added, user)}, shard);
  }

  /// As many commands as users, submitted in order.
  void submit(std::initializer_list<const char*> users) {
    for (const char* user : users) ASSERT_EQ(queue_->submit(adding(user)), submit_status::accepted);
  }
  static std::string factor_of(std::string_view user) {
    std::string key;
    set_factor_key(key, user, factor_type::otp_email);
    return key;
  }

  using strings = std::vector<std::string>;

  memory_engine store_{"id"};
  std::deque<append_events> adds_;
  std::vector<std::string> calls_;
  std::vector<command*> completed_;
  std::unique_ptr<commit_queue> queue_;
};

TEST_F(commit_queue_test, nothing_waiting_is_no_batch) {
  EXPECT_FALSE(queue().run_batch(noon));
  EXPECT_TRUE(calls_.empty());
}

TEST_F(commit_queue_test, commands_are_decided_and_numbered_in_order) {
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

TEST_F(commit_queue_test, later_commands_of_a_batch_see_earlier_ones) {
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
  EXPECT_TRUE(testing::all_states(store_).empty());
}

TEST_F(commit_queue_test, a_batch_of_refusals_writes_nothing) {
  commit_queue& q = queue();
  store_.fail_commit(1);
  take_factor refused{"a"};
  ASSERT_EQ(q.submit(refused), submit_status::accepted);
  q.run_batch(noon);
  EXPECT_EQ(refused.outcome, commit_outcome::committed);
  EXPECT_EQ(calls_, (strings{"complete 0: 1"}));
}

TEST_F(commit_queue_test, that_tokens_changed_is_told_once_and_before_any_completion) {
  commit_queue& q = queue();
  const auto run = [&](command& work) {
    calls_.clear();
    ASSERT_EQ(q.submit(work), submit_status::accepted);
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
  ASSERT_TRUE(testing::append_all(elsewhere, {event_of(event_type::locked, "a")}));
  take_factor refused{"a"};
  run(refused);
  EXPECT_EQ(calls_, (strings{"tokens 2", "complete 0: 1"}));
  take_factor again{"a"};
  run(again);
  EXPECT_EQ(calls_, (strings{"complete 0: 1"}));
}

TEST_F(commit_queue_test, every_load_has_an_end) {
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

TEST_F(commit_queue_test, each_shard_is_told_once_a_batch_in_order_of_submission) {
  commit_queue& q = queue();
  std::vector<command*> submitted;
  for (const std::uint32_t shard : {2U, 0U, 2U, 2U, 0U}) {
    command& work = adding(std::to_string(submitted.size()), shard);
    submitted.push_back(&work);
    ASSERT_EQ(q.submit(work), submit_status::accepted);
  }
  q.run_batch(noon);
  EXPECT_EQ(calls_, (strings{"committed 5", "complete 0: 2", "complete 2: 3"}));
  EXPECT_EQ(completed_, (std::vector<command*>{submitted[1], submitted[4], submitted[0],
                                               submitted[2], submitted[3]}));
}

TEST_F(commit_queue_test, created_at_never_goes_back_and_the_wall_clock_is_told_as_it_is) {
  commit_queue& q = queue();
  const auto decided_at = [&](std::string_view user, timestamp now) {
    append_events& work = adding(user);
    EXPECT_EQ(q.submit(work), submit_status::accepted);
    q.run_batch(now);
    return work.decided_at;
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
      testing::read<events_answer>([&](auto done) { store_.read_events(0, 10, std::move(done)); });
  EXPECT_EQ(stored.head.created_at, from_micros(501));
}

TEST_F(commit_queue_test, the_queue_takes_its_limit_of_commands_and_no_more) {
  commit_queue& q = queue({.queue_commands = 3});
  for (const char* user : {"a", "b", "c"})
    ASSERT_EQ(q.submit(adding(user)), submit_status::accepted);
  append_events& refused = adding("d");
  EXPECT_EQ(q.submit(refused), submit_status::full);
  q.run_batch(noon);
  EXPECT_FALSE(refused.outcome);
  EXPECT_EQ(q.submit(refused), submit_status::accepted);
}

TEST_F(commit_queue_test, the_queue_takes_its_limit_of_bytes_and_no_more) {
  commit_queue& q = queue({.queue_bytes = 300});
  for (const char* user : {"a", "b", "c"})
    ASSERT_EQ(q.submit(adding(user)), submit_status::accepted);
  append_events& refused = adding("d");
  refused.size = 1;
  EXPECT_EQ(q.submit(refused), submit_status::full);
  q.run_batch(noon);
  EXPECT_EQ(q.submit(refused), submit_status::accepted);
}

TEST_F(commit_queue_test, a_batch_takes_its_limit_of_commands_and_no_more) {
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

TEST_F(commit_queue_test, a_batch_takes_half_of_what_waits_but_at_least_12_commands) {
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

TEST_F(commit_queue_test, a_batch_takes_its_limit_of_bytes_and_no_more) {
  commit_queue& q = queue({.batch_bytes = 300});
  for (const char* user : {"a", "b", "c", "d"}) {
    append_events& work = adding(user);
    if (adds_.size() == 3) work.size = 101;
    ASSERT_EQ(q.submit(work), submit_status::accepted);
  }
  q.run_batch(noon);
  EXPECT_EQ(completed_.size(), 2U) << "the third would be one byte too many";
  q.run_batch(noon);
  EXPECT_EQ(completed_.size(), 4U);
}

TEST_F(commit_queue_test, one_command_fits_into_a_batch_however_large) {
  commit_queue& q = queue({.batch_bytes = 300});
  adding("a").size = 1000;
  ASSERT_EQ(q.submit(adds_[0]), submit_status::accepted);
  ASSERT_EQ(q.submit(adding("b")), submit_status::accepted);
  q.run_batch(noon);
  EXPECT_EQ(completed_.size(), 1U);
  q.run_batch(noon);
  EXPECT_EQ(completed_.size(), 2U);
}

TEST_F(commit_queue_test, after_a_failed_commit_nothing_is_written_any_more) {
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
  EXPECT_TRUE(testing::all_states(store_).empty());
}

TEST_F(commit_queue_test, a_command_that_cannot_be_loaded_ends_alone) {
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

TEST_F(commit_queue_test, a_batch_of_which_nothing_can_be_loaded_writes_nothing) {
  commit_queue& q = queue();
  store_.damage(factor_of("a"));
  store_.fail_commit(1);
  submit({"a"});
  EXPECT_TRUE(q.run_batch(noon));
  EXPECT_EQ(calls_, (strings{"unreadable corruption", "complete 0: 1"}));
  EXPECT_EQ(adds_[0].outcome, commit_outcome::load_failed);
}

TEST_F(commit_queue_test, a_batch_that_can_be_loaded_one_by_one_is_committed_as_one) {
  commit_queue& q = queue();
  store_.fail_load(1);
  submit({"a", "b"});
  EXPECT_TRUE(q.run_batch(noon));
  EXPECT_EQ(calls_, (strings{"committed 2", "complete 0: 2"}));
}

TEST_F(commit_queue_test, what_could_be_loaded_alone_and_then_no_more_ends_undone) {
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

TEST_F(commit_queue_test, a_failed_commit_of_what_was_loaded_one_by_one_is_a_failure_of_the_store) {
  commit_queue& q = queue();
  store_.damage(factor_of("b"));
  store_.fail_commit(1);
  submit({"a", "b"});
  EXPECT_TRUE(q.run_batch(noon));
  EXPECT_EQ(calls_, (strings{"unreadable corruption", "failed io_error", "complete 0: 2"}));
  EXPECT_EQ(adds_[0].outcome, commit_outcome::storage_failed);
  EXPECT_EQ(adds_[1].outcome, commit_outcome::load_failed) << "of this one it is known";
}

TEST_F(commit_queue_test, a_load_that_the_store_refuses_fails_the_batch_undecided) {
  store_.fail_commit(1);
  ASSERT_FALSE(testing::append_all(store_, {event_of(event_type::locked, "x")}));
  commit_queue& q = queue();
  ASSERT_EQ(q.submit(adding("a")), submit_status::accepted);
  q.run_batch(noon);
  EXPECT_EQ(adds_[0].outcome, commit_outcome::storage_failed);
  EXPECT_TRUE(adds_[0].sequences.empty());
  EXPECT_EQ(calls_, (strings{"failed storage_failed", "complete 0: 1"}));
}

TEST_F(commit_queue_test, a_failure_in_the_background_is_told_without_a_write) {
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

TEST_F(commit_queue_test, a_store_that_failed_before_the_queue_was_there) {
  store_.fail_in_background();
  commit_queue& q = queue();
  ASSERT_EQ(q.submit(adding("a")), submit_status::accepted);
  EXPECT_TRUE(q.run_batch(noon));
  EXPECT_EQ(adds_[0].outcome, commit_outcome::storage_failed);
  EXPECT_EQ(calls_, (strings{"failed io_error", "complete 0: 1"}));
}

TEST_F(commit_queue_test, a_failed_batch_is_not_told_again_by_the_store) {
  commit_queue& q = queue();
  store_.fail_commit(1);
  ASSERT_EQ(q.submit(adding("a")), submit_status::accepted);
  q.run_batch(noon);
  store_.fail_in_background();
  EXPECT_FALSE(q.run_batch(noon));
  EXPECT_EQ(calls_, (strings{"failed io_error", "complete 0: 1"}));
}

TEST_F(commit_queue_test, a_queue_that_is_gone_is_not_told) {
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

TEST_F(commit_queue_test, a_closed_queue_takes_nothing_and_finishes_what_it_has) {
  commit_queue& q = queue({.batch_commands = 2});
  for (const char* user : {"a", "b", "c"})
    ASSERT_EQ(q.submit(adding(user)), submit_status::accepted);
  q.close();
  EXPECT_EQ(q.submit(adding("d")), submit_status::closed);
  q.run();  // returns, because the queue is closed
  EXPECT_EQ(completed_.size(), 3U);
}

TEST_F(commit_queue_test, works_without_hooks) {
  commit_queue q{store_, {}, {}, 1};
  ASSERT_EQ(q.submit(adding("a")), submit_status::accepted);
  EXPECT_TRUE(q.run_batch(noon));
  EXPECT_EQ(adds_[0].outcome, commit_outcome::committed);
}

}  // namespace
}  // namespace factord::storage

// The commit queue with its thread and several submitters: what TSan is to see.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "storage/commit/commit_queue.hpp"
#include "storage/engine/memory_engine.hpp"
#include "tests/unit/storage/commit/commands.hpp"

namespace factord::storage::commit_queue_threads_test {
namespace {

using testing::append_events;
using testing::event_of;
using testing::take_factor;

constexpr unsigned submitters = 4;

/// A queue with its commit thread; counts what completes.
class running_queue {
 public:
  explicit running_queue(engine& store, commit_limits limits = {}, retry_rules retries = {})
      : queue_(store, limits, hooks(), submitters, std::move(retries)),
        thread_([this] { queue_.run(); }) {}
  ~running_queue() { finish(); }
  running_queue(const running_queue&) = delete;
  running_queue& operator=(const running_queue&) = delete;

  commit_queue& get() { return queue_; }
  void finish() {
    queue_.close();
    if (thread_.joinable()) thread_.join();
  }
  void wait_for_completed(std::size_t count) {
    for (std::size_t now = completed; now < count; now = completed) completed.wait(now);
  }

  std::atomic<std::size_t> completed = 0;
  std::atomic<unsigned> failures = 0;
  std::atomic<unsigned> returns = 0;  ///< of a store that was unavailable

 private:
  commit_hooks hooks() {
    return {.committed = {},
            .tokens_changed = {},
            .unreadable = {},
            .refused = {},
            .available =
                [this] {
                  ++returns;
                  returns.notify_all();
                },
            .complete =
                [this](std::uint32_t, std::span<command* const> done) {
                  completed += done.size();
                  completed.notify_all();
                },
            .failed = [this](const error&) { ++failures; }};
  }

  commit_queue queue_;
  std::thread thread_;
};

/// Runs `work(submitter)` on each of the submitters' threads and waits for them.
template <class Work>
void on_all_submitters(const Work& work) {
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < submitters; ++i) threads.emplace_back([&work, i] { work(i); });
  for (std::thread& one : threads) one.join();
}

void submit_patiently(commit_queue& queue, command& work) {
  while (queue.submit(work) == submit_status::full) std::this_thread::yield();
}

TEST(commit_queue_threads, of_parallel_removals_of_one_factor_exactly_one_wins) {
  constexpr std::size_t each = 500;
  memory_engine store{"id"};
  ASSERT_TRUE(testing::append_all(store, {event_of(event_type::otp_email_added, "a")}));

  std::vector<std::deque<take_factor>> takers(submitters);
  for (unsigned i = 0; i < submitters; ++i) {
    for (std::size_t n = 0; n < each; ++n) takers[i].emplace_back("a", i);
  }
  running_queue queue{store, {.queue_commands = 64, .batch_commands = 16}};
  on_all_submitters([&](unsigned i) {
    for (take_factor& taker : takers[i]) submit_patiently(queue.get(), taker);
  });
  queue.wait_for_completed(submitters * each);

  std::size_t winners = 0;
  for (const auto& some : takers) {
    for (const take_factor& taker : some) {
      winners += taker.taken ? 1 : 0;
      EXPECT_EQ(taker.outcome, commit_outcome::committed);
    }
  }
  EXPECT_EQ(winners, 1U);
  const auto log =
      testing::read<events_answer>([&](auto done) { store.read_events(0, 10, std::move(done)); });
  EXPECT_EQ(log.events.size(), 2U);
}

/// As many queues as submitters on one store, each with an engine and a commit thread of its own.
class several_queues {
 public:
  explicit several_queues(const std::shared_ptr<memory_store>& store) {
    // However unlucky one is.
    const retry_rules patient{.attempts = 100'000, .longest_pause = std::chrono::microseconds{500}};
    for (unsigned i = 0; i < submitters; ++i) {
      queues_.emplace_back(engines_.emplace_back(store), commit_limits{.batch_commands = 4},
                           patient);
    }
  }
  running_queue& operator[](unsigned i) { return queues_[i]; }

 private:
  std::deque<memory_engine> engines_;
  std::deque<running_queue> queues_;
};

TEST(commit_queue_threads, of_removals_through_different_queues_exactly_one_wins_each_factor) {
  constexpr unsigned factors = 100;
  memory_engine store{"id"};
  std::vector<event_record> added;
  for (unsigned n = 0; n < factors; ++n) {
    added.push_back(event_of(event_type::otp_email_added, std::to_string(n)));
  }
  ASSERT_TRUE(testing::append_all(store, added));
  std::vector<std::deque<take_factor>> takers(submitters);
  {
    several_queues queues{store.shared()};
    on_all_submitters([&](unsigned i) {
      for (unsigned n = 0; n < factors; ++n) {
        submit_patiently(queues[i].get(), takers[i].emplace_back(std::to_string(n), i));
      }
      queues[i].wait_for_completed(factors);
    });
  }
  for (unsigned n = 0; n < factors; ++n) {
    unsigned winners = 0;
    for (const auto& some : takers) {
      EXPECT_EQ(some[n].outcome, commit_outcome::committed);
      winners += some[n].taken ? 1 : 0;
    }
    EXPECT_EQ(winners, 1U) << n;
  }
  const auto log = testing::read<events_answer>(
      [&](auto done) { store.read_events(0, 10 * factors, std::move(done)); });
  ASSERT_EQ(log.events.size(), 2 * factors);
  for (std::size_t i = 0; i < log.events.size(); ++i) EXPECT_EQ(log.events[i].sequence, i + 1);
  EXPECT_TRUE(testing::all_states(store).empty());
}

TEST(commit_queue_threads, sleeping_and_waking_loses_no_command) {
  memory_engine store{"id"};
  running_queue queue{store, {}};
  // One at a time: the commit thread goes to sleep between any two.
  for (std::size_t n = 0; n < 500; ++n) {
    take_factor work{"a"};
    ASSERT_EQ(queue.get().submit(work), submit_status::accepted);
    queue.wait_for_completed(n + 1);
    ASSERT_TRUE(work.outcome.has_value());
  }
}

TEST(commit_queue_threads, close_waits_for_what_was_accepted) {
  memory_engine store{"id"};
  store.delay_commits(std::chrono::milliseconds{1});
  std::deque<append_events> works;
  running_queue queue{store, {.batch_commands = 2}};
  for (int n = 0; n < 20; ++n) {
    works.emplace_back(std::vector{event_of(event_type::otp_email_added, std::to_string(n))});
    ASSERT_EQ(queue.get().submit(works.back()), submit_status::accepted);
  }
  queue.finish();
  EXPECT_EQ(queue.completed, 20U);
  EXPECT_EQ(testing::all_states(store).size(), 20U);
}

TEST(commit_queue_threads, a_failure_under_load_answers_everybody_once) {
  constexpr std::size_t each = 200;
  memory_engine store{"id"};
  store.fail_commit(5);
  std::vector<std::deque<append_events>> works(submitters);
  std::atomic<std::size_t> accepted = 0;
  running_queue queue{store, {.queue_commands = 32, .batch_commands = 4}};
  on_all_submitters([&](unsigned i) {
    for (std::size_t n = 0; n < each; ++n) {
      const std::string user = std::to_string(i) + "-" + std::to_string(n);
      append_events& work =
          works[i].emplace_back(std::vector{event_of(event_type::otp_email_added, user)}, i);
      submit_status status = queue.get().submit(work);
      while (status == submit_status::full) status = queue.get().submit(work);
      if (status == submit_status::accepted) ++accepted;
    }
  });
  queue.finish();
  EXPECT_TRUE(queue.get().failed());
  EXPECT_EQ(queue.failures, 1U);
  EXPECT_EQ(queue.completed, accepted);
}

TEST(commit_queue_threads, a_failure_in_the_background_wakes_the_thread) {
  memory_engine store{"id"};
  running_queue queue{store};
  store.fail_in_background();
  while (queue.failures == 0) std::this_thread::yield();
  queue.finish();
  EXPECT_EQ(queue.failures, 1U);
}

TEST(commit_queue_threads, a_store_that_was_unavailable_is_asked_whether_it_is_back) {
  const retry_rules hasty{.attempts = 2,
                          .first_pause = std::chrono::microseconds{1},
                          .probe_interval = std::chrono::microseconds{1}};
  memory_engine store{"id"};
  store.refuse_loads(2 + 5);
  running_queue queue{store, {}, hasty};
  append_events work{{event_of(event_type::otp_email_added, "a")}};
  ASSERT_EQ(queue.get().submit(work), submit_status::accepted);
  queue.wait_for_completed(1);
  EXPECT_EQ(work.outcome, commit_outcome::unavailable);
  // Without any further command.
  queue.returns.wait(0);
  EXPECT_FALSE(store.in_transaction());
  queue.finish();
  EXPECT_EQ(queue.returns, 1U);
  EXPECT_EQ(queue.failures, 0U);
}

TEST(commit_queue_threads, a_failure_found_while_it_is_asked_is_one) {
  /// First nobody is there, then somebody who takes no writes.
  class ending final : public memory_engine {
   public:
    using memory_engine::memory_engine;
    result<log_head> load(state_table&) override {
      const errc why = loads_++ == 0 ? errc::unavailable : errc::storage_failed;
      return error{why, "a load that was made to fail"};
    }

   private:
    unsigned loads_ = 0;
  };
  ending store{"id"};
  const retry_rules hasty{.attempts = 1, .probe_interval = std::chrono::microseconds{1}};
  running_queue queue{store, {}, hasty};
  append_events work{{event_of(event_type::otp_email_added, "a")}};
  ASSERT_EQ(queue.get().submit(work), submit_status::accepted);
  while (queue.failures == 0) std::this_thread::yield();
  EXPECT_EQ(work.outcome, commit_outcome::unavailable);
  queue.finish();
  EXPECT_EQ(queue.failures, 1U);
  EXPECT_EQ(queue.returns, 0U);
}

TEST(commit_queue_threads, mode_process_is_synced_in_the_background) {
  memory_engine store{"id", durability::process};
  append_events work{{event_of(event_type::otp_email_added, "a")}};
  running_queue queue{store, {}};
  ASSERT_EQ(queue.get().submit(work), submit_status::accepted);
  queue.wait_for_completed(1);
  // Durable soon, without any further command.
  while (store.durable_head().sequence == 0)
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
}

TEST(commit_queue_threads, mode_process_is_synced_when_the_queue_closes) {
  memory_engine store{"id", durability::process};
  append_events work{{event_of(event_type::otp_email_added, "a")}};
  running_queue queue{store, {}};
  ASSERT_EQ(queue.get().submit(work), submit_status::accepted);
  queue.finish();
  store.lose_volatile();
  EXPECT_EQ(testing::all_states(store).size(), 1U);
}

/// Decides once it may.
class hanging_command final : public testing::test_command {
 public:
  void list_keys(state_table&) const override {}
  void decide(const state_table&, const decision_times&, event_sink&) override {
    begun.count_down();
    may_end.wait();
  }

  std::latch begun{1};
  std::latch may_end{1};
};

TEST(commit_queue_threads, who_looks_sees_whether_it_gets_on) {
  memory_engine store{"id"};
  hanging_command stuck;
  append_events behind{{event_of(event_type::otp_email_added, "a")}};
  running_queue queue{store, {}};
  EXPECT_FALSE(queue.get().progress().has_work);
  ASSERT_EQ(queue.get().submit(stuck), submit_status::accepted);
  stuck.begun.wait();
  const queue_progress then = queue.get().progress();
  EXPECT_TRUE(then.has_work);
  ASSERT_EQ(queue.get().submit(behind), submit_status::accepted);
  EXPECT_EQ(queue.get().progress().steps, then.steps);
  stuck.may_end.count_down();
  queue.wait_for_completed(2);
  while (queue.get().progress().has_work) std::this_thread::yield();
  EXPECT_GT(queue.get().progress().steps, then.steps);
}

}  // namespace
}  // namespace factord::storage::commit_queue_threads_test

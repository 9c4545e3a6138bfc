// Batches that the store does not take: decided again, a few times, and then given up.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/commit/commit_queue.hpp"
#include "storage/commit/single_commits.hpp"
#include "storage/engine/memory_engine.hpp"
#include "storage/model/keys.hpp"
#include "tests/unit/storage/commit/commands.hpp"

namespace factord::storage::retry_test {
namespace {

using std::chrono::microseconds;
using testing::append_events;
using testing::event_of;
using testing::take_factor;

constexpr timestamp noon = from_micros(1'000'000);
const unsigned attempts = retry_rules{}.attempts;

event_record added(std::string_view user) { return event_of(event_type::otp_email_added, user); }

/// Does something while it is decided, the first time, and appends nothing.
class meanwhile final : public testing::test_command {
 public:
  explicit meanwhile(std::function<void()> what) : what_(std::move(what)) {}
  void list_keys(state_table&) const override {}
  void decide(const state_table&, const decision_times&, event_sink&) override {
    ++decided;
    if (what_) std::exchange(what_, nullptr)();
  }

  unsigned decided = 0;

 private:
  std::function<void()> what_;
};

class retries : public ::testing::Test {
 protected:
  retries() : queue_(store_, {}, hooks(), 1, rules()) {}

  retry_rules rules() {
    retry_rules made;
    made.draw = [this] { return bits_; };
    made.pause = [this](microseconds time) {
      EXPECT_FALSE(store_.in_transaction()) << "nothing is open over a pause";
      pauses_.push_back(time);
      now_ += slowness_;
    };
    made.now = [this] { return now_; };
    return made;
  }
  commit_hooks hooks() {
    commit_hooks told;
    told.committed = [this](std::span<const event_type> types) {
      calls_.push_back("committed " + std::to_string(types.size()));
    };
    told.unreadable = [this](const error&) { calls_.emplace_back("unreadable"); };
    told.refused = [this](commit_status how, const error& cause) {
      EXPECT_EQ(cause.code, errc::unavailable);
      calls_.emplace_back(name_of(how));
    };
    told.available = [this] { calls_.emplace_back("available"); };
    told.complete = [this](std::uint32_t, std::span<command* const> done) {
      calls_.push_back("complete " + std::to_string(done.size()));
    };
    told.failed = [this](const error&) { calls_.emplace_back("failed"); };
    return told;
  }
  void run(std::initializer_list<command*> works) {
    for (command* pending : works) ASSERT_EQ(queue_.submit(*pending), submit_status::accepted);
    EXPECT_TRUE(queue_.run_batch(noon));
  }
  log_head head() {
    state_table nothing;
    const log_head now = store_.load(nothing).value();
    store_.abandon();
    return now;
  }

  static std::string name_of(commit_status how) {
    if (how == commit_status::unknown) return "unknown";
    return how == commit_status::conflict ? "conflict" : "unavailable";
  }

  using strings = std::vector<std::string>;

  memory_engine store_{"id"};
  std::uint64_t bits_ = 0;
  retry_rules::steady::time_point now_;
  microseconds slowness_{0};  ///< of each attempt
  std::vector<microseconds> pauses_;
  strings calls_;
  commit_queue queue_;
};

TEST_F(retries, a_batch_that_was_not_taken_is_decided_again) {
  for (const commit_status how : {commit_status::conflict, commit_status::unavailable}) {
    store_.refuse_commits(2, how);
    append_events pending{{added("a")}};
    meanwhile counting{{}};
    const std::uint64_t before = head().sequence;
    calls_.clear();
    pauses_.clear();
    run({&pending, &counting});
    EXPECT_EQ(counting.decided, 3U);
    EXPECT_EQ(pauses_.size(), 2U);
    EXPECT_EQ(pending.outcome, commit_outcome::committed);
    EXPECT_EQ(pending.sequences, std::vector<std::uint64_t>{before + 1})
        << "what earlier attempts said is forgotten";
    EXPECT_EQ(head().sequence, before + 1);
    EXPECT_EQ(calls_, (strings{"committed 1", "complete 2"}));
  }
}

TEST_F(retries, begin_within_their_time) {
  // Two attempts take all of it; or one microsecond less, and then there is one more.
  for (const auto& [slowness, wanted] :
       {std::pair{retry_rules{}.time_limit, 2U},
        std::pair{retry_rules{}.time_limit - microseconds{1}, 3U}}) {
    slowness_ = slowness;
    store_.refuse_commits(wanted, commit_status::unavailable);
    meanwhile counting{{}};
    append_events pending{{added("a")}};
    run({&pending, &counting});
    EXPECT_EQ(counting.decided, wanted);
    EXPECT_EQ(pending.outcome, commit_outcome::unavailable);
  }
}

TEST_F(retries, end_and_nothing_was_done) {
  for (const commit_status how : {commit_status::conflict, commit_status::unavailable}) {
    store_.refuse_commits(attempts, how);
    append_events pending{{added("a")}};
    meanwhile counting{{}};
    calls_.clear();
    pauses_.clear();
    run({&pending, &counting});
    EXPECT_EQ(counting.decided, attempts);
    EXPECT_EQ(pauses_.size(), attempts - 1);
    EXPECT_EQ(pending.outcome, commit_outcome::unavailable);
    EXPECT_EQ(counting.outcome, commit_outcome::unavailable) << "of the same batch";
    EXPECT_EQ(calls_, (strings{name_of(how), "complete 2"}));
    EXPECT_FALSE(queue_.failed());
    EXPECT_FALSE(store_.in_transaction());
    EXPECT_EQ(head().sequence, 0U);
  }
  calls_.clear();
  append_events next{{added("a")}};
  append_events last{{added("b")}};
  run({&next});
  run({&last});
  EXPECT_EQ(next.outcome, commit_outcome::committed) << "the store is as well as before";
  EXPECT_EQ(calls_,
            (strings{"available", "committed 1", "complete 1", "committed 1", "complete 1"}))
      << "and that is told once";
}

TEST_F(retries, of_conflicts_a_store_is_not_the_less_available) {
  store_.refuse_commits(attempts, commit_status::conflict);
  append_events pending{{added("a")}};
  append_events next{{added("a")}};
  run({&pending});
  run({&next});
  EXPECT_EQ(calls_, (strings{"conflict", "complete 1", "committed 1", "complete 1"}));
}

TEST_F(retries, what_may_have_been_done_is_not_tried_again) {
  store_.refuse_commits(1, commit_status::unknown);
  append_events pending{{added("a")}};
  meanwhile counting{{}};
  run({&pending, &counting});
  EXPECT_EQ(counting.decided, 1U);
  EXPECT_EQ(pending.outcome, commit_outcome::unknown);
  EXPECT_EQ(counting.outcome, commit_outcome::unknown) << "of the same batch";
  EXPECT_FALSE(queue_.failed()) << "the process lives on";
  append_events next{{added("a")}};
  run({&next});
  EXPECT_EQ(next.outcome, commit_outcome::committed);
  EXPECT_EQ(calls_, (strings{"unknown", "complete 2", "available", "committed 1", "complete 1"}))
      << "meanwhile the store is unavailable";
}

/// A store with a clock of its own.
class clock_engine final : public memory_engine {
 public:
  using memory_engine::memory_engine;
  result<log_head> load(state_table& table) override {
    auto head = memory_engine::load(table);
    if (head) head->read_at = now;
    return head;
  }

  timestamp now{};
};

TEST_F(retries, go_by_the_clock_of_a_store_that_has_one) {
  clock_engine store{"id"};
  commit_queue queue{store, {}, {}, 1};
  const auto decided_at = [&](timestamp clock) {
    store.now = clock;
    append_events pending{{added("a")}};
    EXPECT_EQ(queue.submit(pending), submit_status::accepted);
    EXPECT_TRUE(queue.run_batch(noon));
    return pending.decided_at;
  };
  const auto one_day = std::chrono::hours{24};
  EXPECT_EQ(decided_at(noon + one_day).wall, noon + one_day) << "not by this process's";
  EXPECT_EQ(decided_at(noon).wall, noon);
  EXPECT_EQ(decided_at(noon).created_at, noon + one_day) << "the log's never goes back";
}

/// A store that does not always know whether what it has loaded is the newest.
class doubtful_engine final : public memory_engine {
 public:
  using memory_engine::memory_engine;
  result<void> confirm() override {
    EXPECT_FALSE(in_transaction());
    if (doubts == 0) return {};
    --doubts;
    return error{errc::unavailable, "not sure"};
  }

  unsigned doubts = 0;
};

TEST_F(retries, refusals_that_the_store_does_not_confirm_are_none) {
  doubtful_engine store{"id"};
  commit_queue queue{store, {}, hooks(), 1, rules()};
  const auto refused = [&](unsigned doubts) {
    store.doubts = doubts;
    meanwhile counting{{}};
    EXPECT_EQ(queue.submit(counting), submit_status::accepted);
    EXPECT_TRUE(queue.run_batch(noon));
    return std::pair{counting.decided, counting.outcome.value()};
  };
  EXPECT_EQ(refused(0), (std::pair{1U, commit_outcome::committed}));
  EXPECT_EQ(refused(2), (std::pair{3U, commit_outcome::committed}));
  EXPECT_EQ(refused(attempts), (std::pair{attempts, commit_outcome::unavailable}));
  EXPECT_EQ(calls_.at(calls_.size() - 2), "unavailable");
  // What is committed needs no more.
  store.doubts = attempts;
  append_events pending{{added("a")}};
  EXPECT_EQ(queue.submit(pending), submit_status::accepted);
  EXPECT_TRUE(queue.run_batch(noon));
  EXPECT_EQ(pending.outcome, commit_outcome::committed);
  EXPECT_EQ(store.doubts, attempts);
}

TEST_F(retries, the_last_attempt_counts) {
  store_.refuse_commits(attempts - 1, commit_status::conflict);
  append_events pending{{added("a")}};
  run({&pending});
  EXPECT_EQ(pending.outcome, commit_outcome::committed);
  EXPECT_EQ(pauses_.size(), attempts - 1);
}

TEST_F(retries, a_store_that_cannot_be_loaded_now_is_asked_again) {
  store_.refuse_loads(attempts - 1);
  append_events pending{{added("a")}};
  run({&pending});
  EXPECT_EQ(pending.outcome, commit_outcome::committed);

  store_.refuse_loads(attempts);
  append_events other{{added("b")}};
  meanwhile counting{{}};
  calls_.clear();
  run({&other, &counting});
  EXPECT_EQ(other.outcome, commit_outcome::unavailable);
  EXPECT_EQ(counting.decided, 0U);
  EXPECT_EQ(calls_, (strings{"unavailable", "complete 2"}));
  EXPECT_FALSE(queue_.failed());
}

TEST_F(retries, pauses_are_random_and_grow_to_a_bound) {
  const auto pauses_with = [this](std::uint64_t bits) {
    bits_ = bits;
    pauses_.clear();
    store_.refuse_commits(attempts, commit_status::conflict);
    append_events pending{{added("a")}};
    run({&pending});
    return pauses_;
  };
  using all = std::vector<microseconds>;
  const all zeros = pauses_with(0);
  EXPECT_EQ(zeros, all(attempts - 1, microseconds{0}));
  const all some = pauses_with(500);
  EXPECT_EQ(some.front(), microseconds{500}) << "all of the first range";
  EXPECT_EQ(pauses_with(501).front(), microseconds{0}) << "and no more than it";
  const all large = pauses_with(64'000 * 100'001ULL + 100'000);
  EXPECT_EQ(large.back(), microseconds{100'000}) << "all of the longest range";
  EXPECT_EQ(*std::max_element(large.begin(), large.end()), microseconds{100'000});
}

TEST_F(retries, see_what_somebody_else_has_committed) {
  ASSERT_TRUE(testing::append_all(store_, {added("a"), added("b")}));
  memory_engine elsewhere{store_.shared()};
  commit_queue theirs{elsewhere, {}, {}, 1};
  take_factor winner{"a"};
  take_factor loser{"a"};
  take_factor apart{"b"};
  meanwhile other{[&] {
    ASSERT_EQ(theirs.submit(winner), submit_status::accepted);
    ASSERT_TRUE(theirs.run_batch(noon));
  }};
  run({&loser, &apart, &other});
  EXPECT_TRUE(winner.taken);
  EXPECT_FALSE(loser.taken) << "decided again, it finds nothing any more";
  EXPECT_TRUE(apart.taken);
  EXPECT_EQ(head().sequence, 4U);
  EXPECT_EQ(pauses_.size(), 1U);
}

/// Names a key more when it is loaded by another head than at first, as a caller does who is known
/// by an older one.
class curious final : public testing::test_command {
 public:
  explicit curious(std::function<void()> meanwhile) : meanwhile_(std::move(meanwhile)) {}
  void list_keys(state_table& table) const override { table.want("u1"); }
  void list_more_keys(state_table& table, const log_head& head) const override {
    if (head.sequence == 0) table.want("u2");
    if (head.sequence > 0) table.want("u3");
    if (meanwhile_) std::exchange(meanwhile_, nullptr)();
  }
  void decide(const state_table& states, const decision_times&, event_sink&) override {
    found = states.get("u3").has_value();
  }

  std::optional<bool> found;

 private:
  mutable std::function<void()> meanwhile_;
};

TEST_F(retries, keys_that_a_newer_head_asks_for_are_loaded_by_it) {
  memory_engine elsewhere{store_.shared()};
  curious pending{
      [&] { ASSERT_TRUE(testing::append_all(elsewhere, {testing::human_added("3")})); }};
  run({&pending});
  EXPECT_EQ(pending.found, true);
}

TEST_F(retries, refusals_alone_are_right_as_of_their_load) {
  memory_engine elsewhere{store_.shared()};
  take_factor refused{"a"};
  meanwhile other{[&] { ASSERT_TRUE(testing::append_all(elsewhere, {added("a")})); }};
  run({&refused, &other});
  EXPECT_FALSE(refused.taken);
  EXPECT_EQ(refused.outcome, commit_outcome::committed);
  EXPECT_TRUE(pauses_.empty());
}

TEST_F(retries, a_command_that_cannot_be_read_has_ended_with_the_first_attempt) {
  std::string key;
  set_factor_key(key, "b", factor_type::otp_email);
  store_.damage(key);
  store_.refuse_commits(1, commit_status::conflict);
  append_events a{{added("a")}};
  append_events b{{added("b")}};
  run({&a, &b});
  EXPECT_EQ(a.outcome, commit_outcome::committed);
  EXPECT_EQ(b.outcome, commit_outcome::load_failed);
  EXPECT_EQ(calls_, (strings{"unreadable", "committed 1", "complete 2"}));
}

TEST_F(retries, a_store_that_goes_away_while_it_is_asked_who_can_be_read) {
  std::string key;
  set_factor_key(key, "b", factor_type::otp_email);
  store_.damage(key);
  append_events a{{added("a")}};
  append_events b{{added("b")}};
  // The second load is that of the first command alone.
  meanwhile once{{}};
  store_.fail_load(1);
  store_.refuse_loads(1, 1);
  run({&a, &b, &once});
  EXPECT_EQ(a.outcome, commit_outcome::committed);
  EXPECT_EQ(b.outcome, commit_outcome::load_failed);
  EXPECT_EQ(pauses_.size(), 1U);
}

TEST_F(retries, a_failure_after_a_conflict_is_one) {
  store_.refuse_commits(1, commit_status::conflict);
  store_.fail_commit(1);
  append_events pending{{added("a")}};
  run({&pending});
  EXPECT_EQ(pending.outcome, commit_outcome::storage_failed);
  EXPECT_TRUE(queue_.failed());
  EXPECT_EQ(calls_, (strings{"failed", "complete 1"}));
}

TEST_F(retries, who_fills_a_store_is_told) {
  single_commits commits{store_};
  store_.refuse_commits(attempts, commit_status::unavailable);
  append_events pending{{added("a")}};
  EXPECT_EQ(commits.commit(pending, noon).error().code, errc::unavailable);
  EXPECT_EQ(commits.commit(pending, noon).error().code, errc::unavailable) << "and then every time";
}

}  // namespace
}  // namespace factord::storage::retry_test

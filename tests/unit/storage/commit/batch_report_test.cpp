// What a batch took, by a clock that each look puts forward by a millisecond.
#include "storage/commit/batch_report.hpp"

#include <optional>

#include "tests/unit/storage/commit/commit_queue_fixture.hpp"

namespace factord::storage::testing::batch_report_test {
namespace {

using namespace std::chrono_literals;
using steady = retry_rules::steady;

class batch_report_test : public committing {
 protected:
  commit_queue& measured_queue(commit_limits limits = {}) {
    commit_hooks told = hooks();
    told.measured = [this](const batch_report& took) {
      calls_.push_back("measured " + std::to_string(took.commands));
      report_ = took;
    };
    retry_rules rules;
    rules.now = [this] { return now_ += 1ms; };
    rules.pause = [](std::chrono::microseconds) {};
    queue_ = std::make_unique<commit_queue>(store_, limits, std::move(told), 3, std::move(rules));
    return *queue_;
  }

  steady::time_point now_{1h};
  std::optional<batch_report> report_;
};

TEST_F(batch_report_test, each_stage_is_told_before_the_completions) {
  commit_queue& q = measured_queue();
  append_events& first = adding("a");
  first.asked_at = now_ - 5ms;
  ASSERT_EQ(q.submit(first), submit_status::accepted);
  append_events& second = adding("b");
  second.asked_at = now_;
  ASSERT_EQ(q.submit(second), submit_status::accepted);
  q.run_batch(noon);
  EXPECT_EQ(calls_, (strings{"measured 2", "committed 2", "complete 0: 2"}));
  ASSERT_TRUE(report_);
  EXPECT_EQ(report_->queue, 6ms) << "of its first";
  EXPECT_EQ(report_->load, 1ms);
  EXPECT_EQ(report_->decide, 1ms);
  EXPECT_EQ(report_->write, 1ms);
  EXPECT_EQ(report_->sync, 1ms) << "of this engine all of it";
  EXPECT_EQ(report_->sequence, 2U);
}

TEST_F(batch_report_test, refusals_wait_for_no_sync) {
  commit_queue& q = measured_queue();
  take_factor refused{"a"};
  ASSERT_EQ(q.submit(refused), submit_status::accepted);
  q.run_batch(noon);
  ASSERT_TRUE(report_);
  EXPECT_EQ(report_->queue, 0ms) << "nobody has said when it was asked for";
  EXPECT_EQ(report_->write, 1ms);
  EXPECT_FALSE(report_->sync);
  EXPECT_EQ(report_->sequence, 0U);
}

TEST_F(batch_report_test, attempts_are_added_up_and_a_report_is_of_one_batch) {
  commit_queue& q = measured_queue();
  store_.refuse_commits(2, commit_status::conflict);
  ASSERT_EQ(q.submit(adding("a")), submit_status::accepted);
  q.run_batch(noon);
  ASSERT_TRUE(report_);
  EXPECT_EQ(report_->load, 3ms);
  EXPECT_EQ(report_->decide, 3ms);
  EXPECT_EQ(report_->write, 3ms);
  EXPECT_EQ(report_->sync, 1ms) << "of the one that was taken";
  ASSERT_EQ(q.submit(adding("b")), submit_status::accepted);
  q.run_batch(noon);
  EXPECT_EQ(report_->load, 1ms);
}

TEST_F(batch_report_test, one_that_fails_is_told_too) {
  commit_queue& q = measured_queue();
  store_.fail_commit(1);
  ASSERT_EQ(q.submit(adding("a")), submit_status::accepted);
  q.run_batch(noon);
  EXPECT_EQ(calls_.front(), "measured 1");
  EXPECT_FALSE(report_->sync);
}

TEST_F(batch_report_test, how_many_wait_is_told) {
  commit_queue& q = measured_queue();
  submit({"a", "b", "c"});
  EXPECT_EQ(q.waiting(), 3U);
  q.run_batch(noon);
  EXPECT_EQ(q.waiting(), 0U);
}

}  // namespace
}  // namespace factord::storage::testing::batch_report_test

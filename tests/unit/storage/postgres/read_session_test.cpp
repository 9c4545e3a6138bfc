// A session that reads, at the other end of which a database says what it is told to.
#include "storage/postgres/read_session.hpp"

#include <gtest/gtest.h>

#include "tests/unit/storage/postgres/session_fixture.hpp"

namespace factord::storage::read_session_test {
namespace {

using std::chrono::milliseconds;
using testing::digest_of;
using testing::scripted_database;
using testing::strings;

const std::string one_read = "begin_snapshot read_head read_states commit";
/// Of a connection that has not shown yet that it has the newest event.
const std::string first_read = "begin_snapshot read_event_hash read_head read_states commit";

class read_session_of : public ::testing::Test {
 protected:
  read_session_of() {
    auto io = std::make_unique<scripted_database>();
    database_ = io.get();
    database_->head.log = {.sequence = 5, .hash = digest_of('5')};
    database_->hash_there = std::string(32, '5');
    session_ = std::make_unique<read_session>(rules_, latch_, watch_, std::move(io));
  }

  /// So many reads at once: of each how it ended, and the head that it was of.
  strings read(std::size_t count = 1) {
    strings ended(count, "never");
    std::vector<read_job> jobs;
    for (std::size_t i = 0; i < count; ++i) {
      read_job job{.which = sql::read_states, .parameters = {"keys"}, .count = 1};
      job.by = database_->clock + rules_.read_time;
      job.done = [&one = ended[i]](const result<read_rows>& found) {
        one = found ? std::to_string(found->head.sequence) : found.error().message;
      };
      jobs.push_back(std::move(job));
    }
    session_->answer(jobs);
    return ended;
  }
  strings trace() { return database_->take_trace(); }

  session_rules rules_;
  head_latch latch_;
  primary_watch watch_{rules_.lease_time};
  scripted_database* database_;  ///< of the session
  std::unique_ptr<read_session> session_;
};

TEST_F(read_session_of, what_is_asked_at_once_shares_a_round_trip_and_a_snapshot) {
  EXPECT_EQ(read(2), (strings{"5", "5"}));
  EXPECT_EQ(trace(), (strings{"connect", "touch",
                              "begin_snapshot read_head read_states read_states commit"}));
}

TEST_F(read_session_of, a_primary_is_believed_for_as_long_as_its_lease) {
  // Which begins when the touch is sent: when its answer comes, another one may be there by now.
  database_->takes = milliseconds{300};
  EXPECT_EQ(read(), strings{"5"});
  database_->takes = {};
  database_->clock += rules_.lease_time - milliseconds{601};
  trace();
  EXPECT_EQ(read(), strings{"5"});
  EXPECT_EQ(trace(), strings{one_read});
  database_->clock += milliseconds{1};
  EXPECT_EQ(read(), strings{"5"});
  EXPECT_EQ(trace(), (strings{"touch", one_read}));
}

TEST_F(read_session_of, a_snapshot_that_takes_longer_than_the_lease_is_not_believed) {
  database_->takes = rules_.lease_time;
  EXPECT_EQ(read(), strings{"the database is not known to be the primary still: the database did "
                            "not answer in time"});
}

TEST_F(read_session_of, a_primary_that_no_standby_confirms_answers_nothing) {
  database_->late_at = sql::touch;
  EXPECT_EQ(read(2), strings(2,
                             "the database is not known to be the primary still: the database "
                             "did not answer in time"));
  EXPECT_EQ(trace(), (strings{"connect", "touch", "close"}));
  database_->warnings = 1;
  EXPECT_EQ(read(), strings{"the database is not known to be the primary still: canceling wait for "
                            "synchronous replication"});
}

TEST_F(read_session_of, what_comes_too_late_is_no_answer_to_what_is_asked_next) {
  EXPECT_EQ(read(), strings{"5"});
  trace();
  database_->late_at = sql::commit;
  EXPECT_EQ(read(), strings{"5"});
  EXPECT_EQ(trace(), (strings{one_read, "close"}));
  EXPECT_EQ(read(), strings{"5"});
  EXPECT_EQ(trace(), (strings{"connect", "touch", first_read}));
}

TEST_F(read_session_of, a_database_that_leaves_an_answer_out_is_not_asked_again) {
  database_->omit = sql::commit;
  EXPECT_EQ(read(), strings{"5"});
  EXPECT_EQ(trace().back(), "close");
}

TEST_F(read_session_of, a_connection_that_was_lost_is_made_again_once) {
  EXPECT_EQ(read(), strings{"5"});
  trace();
  database_->lose_at = sql::read_head;
  EXPECT_EQ(read(2), (strings{"5", "5"}));
  EXPECT_EQ(trace().at(1), "connect");
  database_->refuse = 2;
  database_->lose_at = sql::read_head;
  EXPECT_EQ(read(), strings{"refused"});
}

TEST_F(read_session_of, damage_is_the_failure_of_who_needs_it_alone) {
  database_->fail[sql::read_states] = "XX001";
  EXPECT_EQ(read(2), (strings{"the database: no (XX001)", "5"}));
}

TEST_F(read_session_of, a_database_that_has_lost_what_was_seen_is_left_for_good) {
  EXPECT_EQ(read(), strings{"5"});
  database_->head.log.sequence = 4;
  EXPECT_NE(read()[0].find("has lost events that were answered"), std::string::npos);
  EXPECT_TRUE(latch_.fenced());
}

}  // namespace
}  // namespace factord::storage::read_session_test

// What happens to an engine on a database while it works.
#include "storage/postgres/engine.hpp"

#include <gtest/gtest.h>

#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "storage/audit/verify.hpp"
#include "storage/model/event_value.hpp"
#include "tests/unit/storage/postgres/store_fixture.hpp"

namespace factord::storage::engine_test {
namespace {

using testing::append_all;
using testing::cluster;
using testing::human_added;
using testing::server_setting;
using testing::store_in_postgres;

class postgres_engine_test : public store_in_postgres {
 protected:
  static log_head head_of(engine& of) {
    state_table nothing;
    const auto head = of.load(nothing);
    EXPECT_TRUE(head) << head.error().message;
    of.abandon();
    return head ? *head : log_head{};
  }
  void expect_stopped_for_good(engine& store, std::string_view why) {
    state_table nothing;
    const auto loaded = store.load(nothing);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, errc::storage_failed);
    EXPECT_NE(loaded.error().message.find(why), std::string::npos) << loaded.error().message;
    EXPECT_EQ(store.sync().error().code, errc::storage_failed);
    std::optional<error> told;
    store.on_background_failure([&told](const error& failure) { told = failure; });
    ASSERT_TRUE(told);
    EXPECT_EQ(told->message, loaded.error().message);
    store.on_background_failure({});
  }
};

TEST_F(postgres_engine_test, sees_to_it_that_a_dead_process_frees_its_locks) {
  // Of the sessions of an engine, by what the server itself says of them.
  const auto store = open();
  ASSERT_TRUE(append_all(*store, {added("1")}));
  EXPECT_EQ(testing::read<events_answer>([&](auto done) {
              store->read_events(0, 9, std::move(done));
            }).events.size(),
            1U);
  EXPECT_EQ(cluster::get().admin().ask("SELECT string_agg(DISTINCT application_name, ',') FROM "
                                       "pg_stat_activity WHERE datname = '" +
                                       database_.name() + "'"),
            "factord");
  // A load that is left open, as by a process that hangs: the server ends it.
  session_rules rules = impatient();
  rules.idle_transaction_time = std::chrono::milliseconds{200};
  const auto hanging = open(rules);
  const auto both = open();
  ASSERT_EQ(attempt(*hanging, "2", [&] { ASSERT_TRUE(append_all(*both, {added("3")})); }).value(),
            commit_status::conflict);
  state_table nothing;
  ASSERT_TRUE(hanging->load(nothing));  // by lock
  while (!append_all(*both, {added("4")})) {
  }
  EXPECT_EQ(hanging->commit(nothing, {}).value(), commit_status::unavailable);
  EXPECT_TRUE(append_all(*hanging, {added("5")}));
}

TEST_F(postgres_engine_test, reconnects_for_reads_and_writes) {
  const auto store = open();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(append_all(*store, {human_added(std::to_string(i))}));
    const auto read =
        testing::read<events_answer>([&](auto done) { store->read_events(0, 9, std::move(done)); });
    EXPECT_EQ(read.events.size(), static_cast<std::size_t>(i) + 1);
    EXPECT_EQ(testing::read<events_answer>([&](auto done) {
                store->read_last_user_event("0", std::move(done));
              }).events.size(),
              1U);
    throw_everybody_out();
  }
}

TEST_F(postgres_engine_test, does_nothing_where_it_is_thrown_out_before_it_commits) {
  const auto store = open();
  EXPECT_EQ(attempt(*store, "1", [&] { throw_everybody_out(); }).value(),
            commit_status::unavailable);
  EXPECT_EQ(notices(), std::vector<std::string>{}) << "nothing had to be found out";
  EXPECT_EQ(last_sequence(), "0");
  EXPECT_EQ(attempt(*store, "1").value(), commit_status::committed);
  EXPECT_EQ(last_sequence(), "1");
}

TEST_F(postgres_engine_test, finds_out_that_a_commit_was_not_done) {
  const auto store = open();
  auto holder = database_.client();
  // The commit is sent, and stops half way.
  std::thread operating;
  const auto ended = attempt(*store, "1", [&] {
    holder.ask("BEGIN");
    holder.ask("LOCK TABLE factord.events IN SHARE MODE");
    operating = std::thread{[&] {
      const std::string process = wait_for_one_that_waits("relation");
      holder.ask("SELECT pg_terminate_backend(" + process + ")");
      holder.ask("COMMIT");
    }};
  });
  operating.join();
  ASSERT_TRUE(ended);
  EXPECT_EQ(*ended, commit_status::conflict);
  EXPECT_EQ(last_sequence(), "0");
  ASSERT_EQ(notices().size(), 1U);
  EXPECT_EQ(notices()[0], "the commit whose outcome was not known was not done");
  EXPECT_EQ(attempt(*store, "1").value(), commit_status::committed);
}

TEST_F(postgres_engine_test, waits_for_a_commit_that_comes_late) {
  session_rules rules = impatient();
  rules.commit_time = std::chrono::milliseconds{200};
  rules.lock_time = rules.resolve_time = std::chrono::milliseconds{20'000};
  // The question, which is asked with the time of a commit, is asked again until it is answered.
  const auto store = open(rules);
  auto holder = database_.client();
  std::thread operating;
  const auto ended = attempt(*store, "1", [&] {
    holder.ask("BEGIN");
    holder.ask("SELECT * FROM factord.head FOR UPDATE");
    operating = std::thread{[&] {
      // The commit waits for the head, nobody listens to it any more, and the question waits for
      // it: then it comes.
      (void)wait_for_one_that_waits("transactionid");
      (void)wait_for_one_that_waits("tuple");
      holder.ask("COMMIT");
    }};
  });
  operating.join();
  EXPECT_EQ(ended.value(), commit_status::committed);
  EXPECT_EQ(last_sequence(), "1");
  EXPECT_EQ(attempt(*store, "2").value(), commit_status::committed);
}

/// Both kinds of an end that a commit has whose standby never answers.
class a_wait_for_the_standby : public postgres_engine_test,
                               public ::testing::WithParamInterface<std::string> {};

TEST_P(a_wait_for_the_standby, that_is_cut_short_is_found_out) {
  session_rules patient = impatient();
  patient.commit_time = std::chrono::milliseconds{20'000};
  patient.resolve_time = std::chrono::milliseconds{20'000};
  const auto store = open(patient);
  ASSERT_TRUE(append_all(*store, {added("1")}));
  server_setting standby{"synchronous_standby_names", "'nobody'"};
  std::promise<result<commit_status>> ended;
  std::thread committing{[&] { ended.set_value(attempt(*store, "2")); }};
  const std::string first = wait_for_one_that_waits("SyncRep");
  cluster::get().admin().ask("SELECT " + GetParam() + "(" + first + ")");
  // It is asked for by another one, whose commit has to be replicated as well.
  while (wait_for_one_that_waits("SyncRep") == first) {
  }
  auto outcome = ended.get_future();
  EXPECT_EQ(outcome.wait_for(std::chrono::seconds{0}), std::future_status::timeout)
      << "nobody is told that it was done while no standby has it";
  standby.reset();
  EXPECT_EQ(outcome.get().value(), commit_status::committed);
  committing.join();
  EXPECT_EQ(last_sequence(), "2");
  EXPECT_EQ(notices(), std::vector<std::string>{"the commit whose outcome was not known was done"});
}

INSTANTIATE_TEST_SUITE_P(how, a_wait_for_the_standby,
                         ::testing::Values("pg_cancel_backend", "pg_terminate_backend"),
                         [](const auto& test) { return test.param; });

TEST_F(postgres_engine_test, does_not_know_how_a_commit_ended_that_no_standby_ever_took) {
  const auto store = open();
  {
    const server_setting standby{"synchronous_standby_names", "'nobody'"};
    EXPECT_EQ(attempt(*store, "1").value(), commit_status::unknown);
    ASSERT_FALSE(notices().empty());
    EXPECT_TRUE(notices().back().starts_with("how a commit ended could not be found out"));
  }
  // What waited for the standby is let go, and ends.
  wait_for_the_end_of_waits();
  // The process lives on; the load tells what there is.
  EXPECT_EQ(attempt(*store, "2").value(), commit_status::committed);
  EXPECT_EQ(head_of(*store).sequence, 2U);
}

TEST_F(postgres_engine_test, waits_for_a_lock_of_somebody_else_s_for_a_while) {
  const auto store = open();
  auto somebody = database_.client();
  somebody.ask("BEGIN");
  somebody.ask("SELECT * FROM factord.head FOR UPDATE");
  EXPECT_EQ(attempt(*store, "1").value(), commit_status::conflict);
  const auto locked = attempt(*store, "1");
  ASSERT_FALSE(locked);
  EXPECT_EQ(locked.error().code, errc::unavailable);
  EXPECT_NE(locked.error().message.find("lock timeout"), std::string::npos);
  // Reads do not wait.
  EXPECT_TRUE(testing::all_states(*store).empty());
  somebody.ask("ROLLBACK");
  EXPECT_EQ(attempt(*store, "1").value(), commit_status::committed);
}

TEST_F(postgres_engine_test, stops_for_good_where_the_head_was_put_back) {
  const auto store = open();
  ASSERT_TRUE(append_all(*store, {added("1")}));
  ASSERT_TRUE(append_all(*store, {added("2")}));
  auto client = database_.client();
  client.ask("DELETE FROM factord.events WHERE sequence = 2");
  client.ask(
      "UPDATE factord.head SET sequence = 1, hash = (SELECT substring(value FROM 1 FOR 32) "
      "FROM factord.events WHERE sequence = 1)");
  expect_stopped_for_good(*store, "has seen event 2 with hash");
  EXPECT_EQ(open()->store_id(), id_) << "whoever starts now has seen nothing else";
}

TEST_F(postgres_engine_test, stops_for_good_where_a_reader_sees_that) {
  const auto store = open();
  ASSERT_TRUE(append_all(*store, {added("1")}));
  database_.client().ask("UPDATE factord.head SET sequence = 0");
  const auto read =
      wait_for<states_answer>([&](auto done) { store->read_states({}, std::move(done)); });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, errc::storage_failed);
  expect_stopped_for_good(*store, "its log now ends with event 0");
}

TEST_F(postgres_engine_test, stops_for_good_where_another_log_has_grown_beyond_its_own) {
  const auto store = open();
  const auto other = open();
  ASSERT_TRUE(append_all(*store, {added("1")}));
  // As a standby that had not got it, and went on with what the other node wrote.
  auto client = database_.client();
  throw_everybody_out();
  auto after = database_.client();
  after.ask("TRUNCATE factord.events, factord.state");
  after.ask("UPDATE factord.head SET sequence = 0, created_at = 0, hash = sha256('" + id_ + "')");
  ASSERT_TRUE(append_all(*open(), {added("x"), added("y")}));
  expect_stopped_for_good(*store, "there it now has another");
  EXPECT_EQ(head_of(*other).sequence, 2U) << "who has seen nothing goes on";
}

TEST_F(postgres_engine_test, stops_for_good_where_it_is_another_store) {
  const auto store = open();
  ASSERT_TRUE(append_all(*store, {added("1")}));
  throw_everybody_out();
  database_.client().ask("DROP SCHEMA factord CASCADE");
  const std::string id = make_postgres_store(database_.location()).value();
  expect_stopped_for_good(*store, "another store now: " + id + " instead of " + id_);
}

TEST_F(postgres_engine_test, stops_for_good_where_events_stand_beyond_the_head) {
  const auto store = open();
  database_.client().ask("INSERT INTO factord.events VALUES (1, 'x', 'y')");
  const auto ended = attempt(*store, "1");
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, errc::storage_failed);
  expect_stopped_for_good(*store, "duplicate key");
}

TEST_F(postgres_engine_test, stops_for_good_where_the_head_is_gone) {
  const auto store = open();
  database_.client().ask("DELETE FROM factord.head");
  expect_stopped_for_good(*store, "the head of the store in the database is missing");
}

TEST_F(postgres_engine_test, is_verified_over_sql_and_damage_is_found) {
  const auto store = open();
  ASSERT_TRUE(append_all(*store, {human_added("a"), added("a"), human_added("b")}));
  ASSERT_TRUE(
      append_all(*store, {added("b"), testing::event_of(event_type::otp_email_removed, "a")}));
  ASSERT_TRUE(verify(*store, {})->problems.empty());
  for (const std::string how :
       {"DELETE FROM factord.events WHERE sequence = 3",
        "UPDATE factord.events SET value = set_byte(value, 0, get_byte(value, 0) # 1) "
        "WHERE sequence = 3",
        "UPDATE factord.events SET user_id = 'z' WHERE sequence = 3",
        "DELETE FROM factord.state WHERE key = 'ub'",
        "INSERT INTO factord.state VALUES ('ux', 'y')"}) {
    auto client = database_.client();
    for (const char* const table : {"events", "state"}) {
      client.ask(std::string{"CREATE TABLE kept_"} + table + " AS TABLE factord." + table);
    }
    client.ask(how);
    EXPECT_FALSE(verify(*store, {})->problems.empty()) << how;
    for (const char* const table : {"events", "state"}) {
      client.ask(std::string{"TRUNCATE factord."} + table);
      client.ask(std::string{"INSERT INTO factord."} + table + " TABLE kept_" + table);
      client.ask(std::string{"DROP TABLE kept_"} + table);
    }
  }
  EXPECT_TRUE(verify(*store, {})->problems.empty());
}

}  // namespace
}  // namespace factord::storage::engine_test

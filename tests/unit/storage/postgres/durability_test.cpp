// On how many machines what is answered is durable, and who insists on two.
#include <future>

#include "tests/unit/storage/postgres/standby_pair.hpp"

namespace factord::storage::durability_test {
namespace {

using testing::append_all;
using testing::cluster;
using testing::server_setting;
using testing::standby_pair;
using testing::store_in_postgres;

class durable : public store_in_postgres {
 protected:
  static session_rules insisting() {
    session_rules rules = impatient();
    rules.require_standby = true;
    return rules;
  }
  static std::optional<error> loading(engine& with) {
    state_table nothing;
    const auto loaded = with.load(nothing);
    with.abandon();
    if (loaded) return std::nullopt;
    return loaded.error();
  }
  static void expect_refused(engine& store) {
    const auto refused = loading(store);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->code, errc::unavailable);
    EXPECT_EQ(refused->message, "--require-standby: the database waits for no standby");
  }
};

TEST_F(durable, on_one_machine_and_each_that_a_commit_waits_for) {
  const auto store = open();
  EXPECT_EQ(store->machines(), 1U);
  {
    const server_setting two{"synchronous_standby_names", "'ANY 2 (a, b, c)'"};
    EXPECT_EQ(open()->machines(), 3U) << "known from the beginning";
    EXPECT_EQ(store->machines(), 1U) << "nobody has asked since";
    EXPECT_FALSE(loading(*store));
    EXPECT_EQ(store->machines(), 3U);
  }
  EXPECT_EQ(loading(*store), std::nullopt);
  EXPECT_EQ(store->machines(), 1U);
}

TEST_F(durable, as_reads_tell_too) {
  session_rules rules = impatient();
  rules.lease_time = rules.look_time = std::chrono::minutes{1};
  const auto store = open(rules);
  // So that the next read needs neither a commit nor a connection.
  EXPECT_TRUE(testing::all_states(*store).empty());
  ASSERT_TRUE(append_all(*store, {added("1")}));
  const server_setting one{"synchronous_standby_names", "'a'"};
  EXPECT_FALSE(testing::all_states(*store).empty());
  EXPECT_EQ(store->machines(), 2U);
}

TEST_F(durable, as_is_looked_at_where_nobody_asks_for_anything) {
  session_rules rules = impatient();
  rules.look_time = std::chrono::milliseconds{1};
  const auto store = open(rules);
  EXPECT_TRUE(testing::all_states(*store).empty());
  EXPECT_EQ(testing::read<states_answer>([&](auto done) {
              store->read_states({}, std::move(done));
            }).head.sequence,
            0U);
  server_setting one{"synchronous_standby_names", "'a'"};
  while (store->machines() != 2) std::this_thread::yield();
  one.reset();
  while (store->machines() != 1) std::this_thread::yield();
}

TEST_F(durable, on_two_machines_or_not_at_all_where_that_is_required) {
  const auto store = open(insisting());
  expect_refused(*store);
  EXPECT_TRUE(testing::all_states(*store).empty()) << "what there is may be read";
  {
    const server_setting one{"synchronous_standby_names", "'a'"};
    EXPECT_EQ(loading(*store), std::nullopt);
  }
  expect_refused(*store);
}

TEST_F(durable, not_where_the_demand_is_dropped_while_a_commit_waits) {
  session_rules rules = insisting();
  rules.commit_time = std::chrono::minutes{1};
  const auto store = open(rules);
  server_setting one{"synchronous_standby_names", "'nobody'"};
  auto ended = std::async(std::launch::async, [&] { return attempt(*store, "1"); });
  (void)wait_for_one_that_waits("SyncRep");
  one.reset();
  // The database lets it go as if it had been confirmed, and so it does with the question.
  EXPECT_EQ(ended.get().value(), commit_status::unknown);
  ASSERT_FALSE(notices().empty());
  EXPECT_TRUE(notices().back().starts_with("how a commit ended could not be found out"));
  EXPECT_EQ(last_sequence(), "1");
}

TEST_F(durable, also_where_the_server_s_own_setting_gets_weaker) {
  const auto store = open();
  ASSERT_TRUE(append_all(*store, {added("1")}));
  const server_setting standby{"synchronous_standby_names", "'nobody'"};
  const server_setting weaker{"synchronous_commit", "local"};
  EXPECT_EQ(attempt(*store, "2").value(), commit_status::unknown)
      << "a session that began with more keeps it";
}

TEST_F(durable, not_where_the_server_stops_to_sync) {
  for (const char* const name : {"fsync", "full_page_writes"}) {
    const auto store = open();
    ASSERT_EQ(loading(*store), std::nullopt);
    {
      const server_setting off{name, "off"};
      const auto refused = loading(*store);
      ASSERT_TRUE(refused) << name;
      EXPECT_EQ(refused->code, errc::unavailable);
      EXPECT_EQ(refused->message, std::string{"the database is refused: off is "} + name);
    }
    EXPECT_EQ(loading(*store), std::nullopt) << "it is on again";
  }
}

class durable_on_two : public standby_pair {};

TEST_F(durable_on_two, and_on_one_when_the_standby_is_taken_out) {
  session_rules rules = patient();
  const auto lenient = open({&*one_, &*two_}, rules);
  rules.require_standby = true;
  const auto strict = open({&*one_, &*two_}, rules);
  EXPECT_EQ(lenient->machines(), 2U);
  EXPECT_EQ(attempt(*strict, "1").value(), commit_status::committed);
  EXPECT_EQ(last_sequence(*two_), "1");
  two_->stop();
  set(*one_, "synchronous_standby_names", "''");
  EXPECT_EQ(attempt(*lenient, "2").value(), commit_status::committed);
  EXPECT_EQ(lenient->machines(), 1U);
  const auto refused = attempt(*strict, "3");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::unavailable);
  EXPECT_EQ(strict->machines(), 1U);
}

}  // namespace
}  // namespace factord::storage::durability_test

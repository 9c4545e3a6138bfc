// Whether what a server says is what is so: it may be a primary no more, and not know it.
#include <future>

#include "tests/unit/storage/postgres/standby_pair.hpp"

namespace factord::storage::lease_test {
namespace {

using std::chrono::milliseconds;
using testing::append_all;
using testing::cluster;
using testing::server_setting;
using testing::standby_pair;
using testing::store_in_postgres;

class lease : public standby_pair {
 protected:
  static session_rules short_ones() {
    session_rules rules = patient();
    rules.lease_time = milliseconds{500};
    rules.commit_time = milliseconds{100};
    rules.read_time = milliseconds{2'000};
    return rules;
  }
  static void expect_unsure(const result<void>& found) {
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, errc::unavailable);
    EXPECT_NE(found.error().message.find("is not known to be the primary still"), std::string::npos)
        << found.error().message;
  }
};

TEST_F(lease, ends_the_reads_of_a_server_that_is_cut_off_until_it_is_not) {
  const auto store = open({&*one_, &*two_}, short_ones());
  ASSERT_TRUE(read(*store));
  two_->stop();
  auto found = read(*store);
  while (found) found = read(*store);
  expect_unsure(result<void>{found.error()});
  // Nobody is left to wait there for us but the last one.
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(read(*store));
  auto admin = one_->client();
  const std::string waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
  while (admin.ask(waiting) != "1") std::this_thread::yield();
  two_->start();
  found = read(*store);
  while (!found) found = read(*store);
}

TEST_F(lease, is_had_by_a_commit_too) {
  session_rules rules = short_ones();
  rules.lease_time = minute;
  const auto writer = open({&*one_}, rules);
  const auto other = open({&*one_}, rules);
  ASSERT_EQ(attempt(*writer, "1").value(), commit_status::committed);
  two_->stop();
  const auto known = read(*writer);
  ASSERT_TRUE(known) << known.error().message;
  EXPECT_EQ(known->head.sequence, 1U);
  const auto found = read(*other);
  expect_unsure(found ? result<void>{} : result<void>{found.error()});
}

TEST_F(lease, is_asked_for_by_who_answers_from_a_load_without_a_commit) {
  session_rules rules = short_ones();
  const auto store = open({&*one_, &*two_}, rules);
  const auto confirmed = [&store] {
    state_table nothing;
    EXPECT_TRUE(store->load(nothing));
    store->abandon();
    return store->confirm();
  };
  ASSERT_TRUE(confirmed());
  two_->stop();
  auto found = confirmed();
  while (found) found = confirmed();
  expect_unsure(found);
  two_->start();
  while (!confirmed()) {
  }
}

class lease_in_one_database : public store_in_postgres {};

TEST_F(lease_in_one_database, is_not_had_by_a_commit_whose_wait_was_cancelled) {
  session_rules patient;
  patient.commit_time = patient.read_time = milliseconds{60'000};
  const auto store = open(patient);
  const server_setting standby{"synchronous_standby_names", "'nobody'"};
  auto ended = std::async(std::launch::async, [&store] {
    return wait_for<states_answer>([&](auto done) { store->read_states({}, std::move(done)); });
  });
  const std::string process = wait_for_one_that_waits("SyncRep");
  cluster::get().admin().ask("SELECT pg_cancel_backend(" + process + ")");
  const auto found = ended.get();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, errc::unavailable);
  EXPECT_NE(found.error().message.find("canceling wait for synchronous replication"),
            std::string::npos)
      << found.error().message;
}

TEST_F(lease_in_one_database, needs_no_rights_that_an_owner_has_not) {
  cluster::get().admin().ask(
      "DO $$ BEGIN CREATE ROLE owner LOGIN; EXCEPTION WHEN duplicate_object THEN END $$");
  const testing::database theirs;
  cluster::get().admin().ask("ALTER DATABASE " + theirs.name() + " OWNER TO owner");
  ASSERT_TRUE(make_postgres_store(theirs.location("owner")));
  session_rules rules = impatient();
  rules.commit_time = milliseconds{100};
  rules.read_time = milliseconds{1'000};
  const auto store = open_postgres_store(theirs.location("owner"), {.rules = rules}).value();
  EXPECT_TRUE(testing::all_states(*store).empty());
  ASSERT_EQ(attempt(*store, "1").value(), commit_status::committed);
  // Its own processes that wait it may end as well.
  const auto other = open_postgres_store(theirs.location("owner"), {.rules = rules}).value();
  const server_setting standby{"synchronous_standby_names", "'nobody'"};
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(
        wait_for<states_answer>([&](auto done) { other->read_states({}, std::move(done)); }));
  }
  auto admin = cluster::get().admin();
  while (admin.ask("SELECT count(*) FROM pg_stat_activity WHERE usename = 'owner' AND wait_event "
                   "= 'SyncRep'") != "1") {
    std::this_thread::yield();
  }
}

}  // namespace
}  // namespace factord::storage::lease_test

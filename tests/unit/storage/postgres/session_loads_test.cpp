// Loads of the writer's session without a database.
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "storage/postgres/binary.hpp"
#include "tests/unit/storage/postgres/session_fixture.hpp"

namespace factord::storage::session_loads_test {
namespace {

using testing::attempt;
using testing::digest_of;
using testing::scripted_database;
using testing::session;
using testing::strings;

TEST_F(session, loads_by_lock_for_a_while_after_a_conflict) {
  database_.fail[sql::move_head] = "23502";
  ASSERT_TRUE(load());
  ASSERT_EQ(commit().value(), commit_status::conflict);
  database_.take_trace();
  for (unsigned i = 0; i < rules_.locked_batches; ++i) {
    ASSERT_TRUE(load());
    EXPECT_EQ(database_.take_trace(),
              strings{(i == 0 ? "rollback " : "") + std::string{"begin lock_head read_states"}});
    // Refusals alone, too, are a batch, and end it: the lock is never held over idle time.
    abandon();
    EXPECT_EQ(database_.take_trace(), strings{"rollback"});
  }
  ASSERT_TRUE(load());
  EXPECT_EQ(database_.take_trace(), strings{"read_head read_states"});
  abandon();
  EXPECT_EQ(database_.take_trace(), strings{});
}

TEST_F(session, a_load_in_place_of_another_ends_its_transaction) {
  collide();
  ASSERT_TRUE(load());
  database_.take_trace();
  ASSERT_TRUE(load());
  EXPECT_EQ(database_.take_trace(), strings{"rollback begin lock_head read_states"});
}

TEST_F(session, an_abandon_that_fails_frees_the_lock_by_closing) {
  for (const auto& fault :
       std::vector<std::function<void()>>{[&] { database_.fail[sql::rollback] = "57P01"; },
                                          [&] { database_.late_at = sql::rollback; }}) {
    collide();
    ASSERT_TRUE(load());
    database_.take_trace();
    fault();
    abandon();
    EXPECT_EQ(database_.take_trace(), (strings{"rollback", "close"}));
    ASSERT_TRUE(load());
    abandon();
  }
}

struct load_case {
  std::string name;
  std::function<void(scripted_database&)> fault;
  std::optional<errc> fails;
  strings trace;
};

const std::string locked_load = "begin lock_head read_states";
const std::string checked_load = "begin lock_head read_states read_event_hash";

const std::vector<load_case> load_cases{
    {"nothing happens", [](auto&) {}, {}, {locked_load}},
    {"an old connection is lost",
     [](auto& d) { d.lose_at = sql::lock_head; },
     {},
     {locked_load, "connect", checked_load}},
    {"and so is the new one",
     [](auto& d) {
       d.lose_at = sql::lock_head;
       d.late_at = sql::read_event_hash;
     },
     errc::unavailable,
     {locked_load, "connect", checked_load, "close"}},
    {"nobody is there",
     [](auto& d) {
       d.lose_at = sql::lock_head;
       d.refuse = 1;
     },
     errc::unavailable,
     {locked_load, "connect"}},
    {"no answer comes",
     [](auto& d) { d.late_at = sql::read_states; },
     errc::unavailable,
     {locked_load, "close"}},
    {"an answer is missing",
     [](auto& d) { d.omit = sql::read_states; },
     errc::unavailable,
     {locked_load, "close"}},
    {"somebody holds the head",
     [](auto& d) { d.fail[sql::lock_head] = "55P03"; },
     errc::unavailable,
     {locked_load, "close"}},
    {"a table is gone",
     [](auto& d) { d.fail[sql::read_states] = "42P01"; },
     errc::unavailable,
     {locked_load}},
    {"a block is damaged",
     [](auto& d) { d.fail[sql::read_states] = "XX001"; },
     errc::corruption,
     {locked_load}},
    {"the head is gone",
     [](auto& d) { d.head_row = strings{}; },
     errc::storage_failed,
     {locked_load, "close"}},
    {"its hash is none",
     [](auto& d) {
       d.head_row = strings{std::string(8, '\0'),
                            "short",
                            std::string(8, '\0'),
                            std::string(8, '\0'),
                            std::string(8, '\0'),
                            std::string(8, '\0'),
                            "",
                            ""};
     },
     errc::storage_failed,
     {locked_load, "close"}},
    {"a state that nobody asked for",
     [](auto& d) {
       d.states = {{"u2", "x"}};
     },
     errc::storage_failed,
     {locked_load, "close"}},
    {"a lower head",
     [](auto& d) { d.head.log.sequence = 4; },
     errc::storage_failed,
     {locked_load, "close"}},
    {"the epoch of tokens is lower",
     [](auto& d) { d.head.log.token_epoch = 0; },
     errc::storage_failed,
     {locked_load, "close"}},
    {"another head",
     [](auto& d) { d.head.log.hash = digest_of('x'); },
     errc::storage_failed,
     {locked_load, "close"}},
    {"a higher head on the same log",
     [](auto& d) {
       d.head.log.sequence = 9;
       d.head.log.hash = digest_of('9');
     },
     {},
     {locked_load}},
    {"a higher head on another log, after a failover",
     [](auto& d) {
       d.lose_at = sql::lock_head;
       d.head.log = {9, digest_of('9')};
       d.hash_there = std::string(32, 'x');
     },
     errc::storage_failed,
     {locked_load, "connect", checked_load, "close"}},
    {"a higher head on a log with a hole, after a failover",
     [](auto& d) {
       d.lose_at = sql::lock_head;
       d.head.log = {9, digest_of('9')};
       d.hash_there.reset();
     },
     errc::storage_failed,
     {locked_load, "connect", checked_load, "close"}},
    {"another store, after a failover",
     [](auto& d) {
       d.lose_at = sql::lock_head;
       d.refuse = 1;
       d.refuse_as = errc::storage_failed;
     },
     errc::storage_failed,
     {locked_load, "connect"}},
};

TEST_F(session, loads_end_as_the_database_says) {
  for (const load_case& one : load_cases) {
    SCOPED_TRACE(one.name);
    head_latch latch;
    session_machine machine{rules_, latch};
    scripted_database database;
    database.head = database_.head;
    database.hash_there = database_.hash_there;
    const auto load = [&] {
      state_table table;
      table.want("u1");
      machine.load(table, database.clock);
      database.serve(machine);
      return machine.loaded();
    };
    ASSERT_TRUE(load());
    database.fail[sql::move_head] = "23502";
    state_table nothing;
    machine.commit(nothing, {}, attempt, database.clock);
    database.serve(machine);
    ASSERT_TRUE(load());
    machine.abandon(database.clock);
    database.serve(machine);
    database.take_trace();

    one.fault(database);
    const auto ended = load();
    EXPECT_EQ(ended ? std::nullopt : std::optional{ended.error().code}, one.fails);
    EXPECT_EQ(database.take_trace(), one.trace);
    // For good, or as if nothing had been.
    const auto again = load();
    EXPECT_EQ(again.has_value(), one.fails != errc::storage_failed);
    if (one.fails == errc::storage_failed) {
      EXPECT_EQ(database.take_trace(), strings{}) << "nobody is asked any more";
    }
  }
}

TEST_F(session, loads_of_who_requires_a_standby_are_refused_where_none_is_waited_for) {
  rules_.require_standby = true;
  session_machine machine{rules_, latch_};
  const auto load = [&] {
    state_table nothing;
    machine.load(nothing, database_.clock);
    database_.serve(machine);
    return machine.loaded();
  };
  const auto refused = load();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::unavailable);
  EXPECT_EQ(refused.error().message, "--require-standby: the database waits for no standby");
  EXPECT_EQ(machine.standbys(), 0U);
  database_.standby_names = "FIRST 2 (a, b)";
  EXPECT_TRUE(load());
  EXPECT_EQ(machine.standbys(), 2U);
  EXPECT_EQ(database_.take_trace(), (strings{"connect", "read_head read_event_hash", "read_head"}))
      << "on the same connection";
  // By lock, and the lock is not kept.
  database_.fail[sql::move_head] = "23502";
  machine.commit(table_, {}, attempt, database_.clock);
  database_.serve(machine);
  database_.standby_names = "";
  database_.take_trace();
  EXPECT_FALSE(load());
  EXPECT_EQ(database_.take_trace(), (strings{"rollback begin lock_head", "close"}));
}

TEST_F(session, does_not_go_on_where_commits_are_not_durable_any_more) {
  database_.turned_off = "fsync, full_page_writes";
  const auto load = [&] {
    machine_.load(table_, database_.clock);
    database_.serve(machine_);
    return machine_.loaded();
  };
  const auto refused = load();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::unavailable);
  EXPECT_EQ(refused.error().message, "the database is refused: off is fsync, full_page_writes");
  database_.turned_off = "";
  EXPECT_TRUE(load()) << "it was turned on again";
}

TEST_F(session, a_head_that_was_seen_since_it_was_asked_for_is_not_expected) {
  const auto before = latch_.newest();
  ASSERT_TRUE(latch_.see({.sequence = 6, .hash = digest_of('6')}, {}));
  state_table nothing;
  machine_.load(nothing, before, database_.clock);
  database_.serve(machine_);
  EXPECT_TRUE(machine_.loaded()) << "of an older primary, or of a reader that was faster";
}

TEST_F(session, states_are_filled_in_whatever_their_order) {
  database_.states = {{"u3", "three"}, {"u1", "one"}};
  state_table table;
  for (const char* const key : {"u1", "u2", "u3"}) table.want(key);
  machine_.load(table, database_.clock);
  database_.serve(machine_);
  EXPECT_EQ(table.get("u1"), "one");
  EXPECT_EQ(table.get("u2"), std::nullopt);
  EXPECT_EQ(table.get("u3"), "three");
  EXPECT_EQ(machine_.loaded()->read_at, from_micros(77));
}

TEST_F(session, last_events_are_asked_for_with_the_states_by_who_wants_some) {
  const auto load = [&](state_table& table) {
    for (const char* const key : {"u1", "l1", "l2"}) table.want(key);
    machine_.load(table, database_.clock);
    database_.serve(machine_);
    return machine_.loaded().has_value();
  };
  const auto five = bytes_of_number(5);
  database_.states = {{"l1", std::string{as_bytes(five)}}, {"u1", "one"}};
  state_table table;
  ASSERT_TRUE(load(table));
  EXPECT_EQ(database_.take_trace(), strings{"read_head read_states_and_last_events"});
  EXPECT_EQ(table.get("u1"), "one");
  EXPECT_EQ(table.get("l1"), as_bytes(five));
  EXPECT_EQ(table.get("l2"), std::nullopt);

  database_.states = {{"l1", "five"}};
  state_table again;
  EXPECT_FALSE(load(again)) << "no number";
}

}  // namespace
}  // namespace factord::storage::session_loads_test

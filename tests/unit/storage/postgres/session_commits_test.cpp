// Commits of the writer's session without a database: what it sends, and what it makes of what
// comes.
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/unit/storage/postgres/session_fixture.hpp"

namespace factord::storage::session_commits_test {
namespace {

using testing::attempt;
using testing::resolution;
using testing::scripted_database;
using testing::session;
using testing::strings;

struct commit_case {
  std::string name;
  std::function<void(scripted_database&)> fault;
  commit_status ends;
  strings after;  ///< what is done beyond the commit itself
};

const std::vector<commit_case> commit_cases{
    {"nothing happens", [](auto&) {}, commit_status::committed, {}},
    {"the head has moved",
     [](auto& d) { d.fail[sql::move_head] = "23502"; },
     commit_status::conflict,
     {}},
    {"it cannot be serialized",
     [](auto& d) { d.fail[sql::commit] = "40001"; },
     commit_status::conflict,
     {}},
    {"a deadlock", [](auto& d) { d.fail[sql::put_states] = "40P01"; }, commit_status::conflict, {}},
    {"a lock is held",
     [](auto& d) { d.fail[sql::move_head] = "55P03"; },
     commit_status::conflict,
     {}},
    {"a full disk",
     [](auto& d) { d.fail[sql::append_events] = "53100"; },
     commit_status::unavailable,
     {}},
    {"an operator cancels it",
     [](auto& d) { d.fail[sql::move_head] = "57014"; },
     commit_status::unavailable,
     {}},
    {"COMMIT rolls back",
     [](auto& d) { d.tag[sql::commit] = "ROLLBACK"; },
     commit_status::unavailable,
     {}},
    {"it cannot tell, and it is there",
     [](auto& d) {
       d.fail[sql::commit] = "40003";
       d.attempt_is_there = true;
     },
     commit_status::committed,
     {"close", "connect", resolution}},
    {"it cannot tell, and it is not there",
     [](auto& d) { d.fail[sql::commit] = "40003"; },
     commit_status::conflict,
     {"close", "connect", resolution}},
    {"lost at once",
     [](auto& d) { d.lose_at = sql::move_head; },
     commit_status::conflict,
     {"connect", resolution}},
    {"lost at the end",
     [](auto& d) {
       d.lose_at = sql::commit;
       d.attempt_is_there = true;
     },
     commit_status::committed,
     {"connect", resolution}},
    {"no answer comes",
     [](auto& d) {
       d.late_at = sql::commit;
       d.attempt_is_there = true;
     },
     commit_status::committed,
     {"close", "connect", resolution}},
    {"an answer is missing",
     [](auto& d) { d.omit = sql::append_events; },
     commit_status::conflict,
     {"close", "connect", resolution}},
    {"an answer too many",
     [](auto& d) { d.one_more = true; },
     commit_status::conflict,
     {"close", "connect", resolution}},
    {"it warns, and is there",
     [](auto& d) {
       d.warnings = 1;
       d.attempt_is_there = true;
     },
     commit_status::committed,
     {"close", "connect", resolution}},
    {"it warns, and is not there",
     [](auto& d) { d.warnings = 1; },
     commit_status::conflict,
     {"close", "connect", resolution}},
    {"it warns, and so does the question",
     [](auto& d) {
       d.warnings = 2;
       d.attempt_is_there = true;
     },
     commit_status::committed,
     {"close", "connect", resolution, "close", "pause", "connect", resolution}},
    {"nobody is there for a while",
     [](auto& d) {
       d.lose_at = sql::commit;
       d.refuse = 2;
     },
     commit_status::conflict,
     {"connect", "pause", "connect", "pause", "connect", resolution}},
    {"the old transaction holds the head for a while",
     [](auto& d) {
       d.lose_at = sql::commit;
       d.fail[sql::raise_epoch] = "55P03";
     },
     commit_status::conflict,
     {"connect", resolution, "close", "pause", "connect", resolution}},
    {"the question is lost, too",
     [](auto& d) {
       d.lose_at = sql::move_head;
       d.fail[sql::read_attempt] = "57P01";
     },
     commit_status::conflict,
     {"connect", resolution, "close", "pause", "connect", resolution}},
    {"the question is rolled back",
     [](auto& d) {
       d.lose_at = sql::move_head;
       d.tag[sql::raise_epoch] = "UPDATE 0";
     },
     commit_status::conflict,
     {"connect", resolution, "close", "pause", "connect", resolution}},
};

class commits : public session {};

TEST_F(commits, end_as_the_database_says) {
  for (const bool locked : {false, true}) {
    for (const commit_case& one : commit_cases) {
      SCOPED_TRACE(one.name);
      head_latch latch;
      session_machine machine{rules_, latch};
      scripted_database database;
      database.head = database_.head;
      database.hash_there = database_.hash_there;
      const auto run = [&](bool with_fault) {
        state_table table;
        table.want("u1");
        machine.load(table, database.clock);
        database.serve(machine);
        EXPECT_TRUE(machine.loaded());
        table.put("u1", "a record");
        const std::string value =
            std::string(32, '6') + testing::event_of(event_type::locked, "1").SerializeAsString();
        const new_event event{.sequence = 6, .user_id = "1", .value = value};
        database.take_trace();
        if (with_fault) one.fault(database);
        machine.commit(table, {&event, 1}, attempt, database.clock);
        database.serve(machine);
        return machine.committed().value();
      };
      if (locked) {
        database.fail[sql::move_head] = "23502";
        ASSERT_EQ(run(false), commit_status::conflict);
      }
      EXPECT_EQ(run(true), one.ends);
      strings expected{std::string{locked ? "" : "begin "} +
                       "move_head put_states append_events commit"};
      expected.insert(expected.end(), one.after.begin(), one.after.end());
      EXPECT_EQ(database.take_trace(), expected);
    }
  }
}

TEST_F(commits, that_nobody_can_tell_of_are_unknown_and_the_session_goes_on) {
  ASSERT_TRUE(load());
  const auto began = database_.clock;
  database_.lose_at = sql::commit;
  database_.refuse = 1'000'000;
  EXPECT_EQ(commit().value(), commit_status::unknown);
  EXPECT_GE(database_.clock - began + rules_.resolve_pause, rules_.resolve_time);
  EXPECT_LE(database_.clock - began, rules_.resolve_time);
  database_.refuse = 0;
  ASSERT_TRUE(load());
  EXPECT_EQ(commit().value(), commit_status::committed);
}

TEST_F(commits, that_are_let_go_without_a_standby_are_found_out_where_one_is_required) {
  rules_.require_standby = true;
  session_machine machine{rules_, latch_};
  const auto commit_with = [&](const std::string& names, const std::function<void()>& fault) {
    database_.standby_names = "a";
    table_.clear();
    table_.want("u1");
    machine.load(table_, database_.clock);
    database_.serve(machine);
    EXPECT_TRUE(machine.loaded());
    table_.put("u1", "a record");
    const std::string value =
        std::string(32, '6') + testing::event_of(event_type::locked, "1").SerializeAsString();
    const new_event event{.sequence = 6, .user_id = "1", .value = value};
    database_.take_trace();
    database_.standby_names = names;
    fault();
    machine.commit(table_, {&event, 1}, attempt, database_.clock);
    database_.serve(machine);
    return machine.committed().value();
  };
  const std::string commit = "begin move_head put_states append_events commit read_standbys";
  const std::string question = resolution + " read_standbys";
  database_.attempt_is_there = true;
  EXPECT_EQ(commit_with("", [] {}), commit_status::unknown);
  const strings trace = database_.take_trace();
  ASSERT_GT(trace.size(), 4U);
  EXPECT_EQ(strings(trace.begin(), trace.begin() + 4),
            (strings{commit, "close", "connect", question}));
  // A standby that is demanded again in time has it all.
  EXPECT_EQ(commit_with("a", [&] { database_.lose_at = sql::commit; }), commit_status::committed);
  EXPECT_EQ(database_.take_trace(), (strings{commit, "connect", question}));
}

TEST_F(commits, without_events_leave_nothing_to_be_found_by) {
  ASSERT_TRUE(load());
  database_.lose_at = sql::commit;
  EXPECT_EQ(commit(false).value(), commit_status::unknown);
  EXPECT_EQ(database_.take_trace().back(), "begin raise_epoch commit");
}

TEST_F(commits, of_a_connection_that_was_lost_since_the_load_send_nothing) {
  for (const bool locked : {false, true}) {
    if (locked) collide();
    ASSERT_TRUE(load());
    database_.take_trace();
    machine_.on_lost("gone", database_.clock);
    EXPECT_EQ(commit().value(), commit_status::unavailable);
    EXPECT_EQ(database_.take_trace(), strings{});
    ASSERT_TRUE(load());
    abandon();
  }
}

TEST_F(commits, into_a_log_that_goes_on_beyond_its_head_end_it_for_good) {
  ASSERT_TRUE(load());
  database_.fail[sql::append_events] = "23505";
  EXPECT_EQ(commit().error().code, errc::storage_failed);
  EXPECT_EQ(load().error().code, errc::storage_failed);
}

TEST_F(commits, that_found_no_head_end_it_for_good) {
  ASSERT_TRUE(load());
  database_.tag[sql::move_head] = "UPDATE 0";
  EXPECT_EQ(commit().error().code, errc::storage_failed);
  EXPECT_TRUE(latch_.fenced());
}

// By a trigger or a rule of somebody's.
TEST_F(commits, of_which_something_else_was_written_end_it_for_good) {
  const std::vector<std::pair<sql, std::string>> odd{{sql::append_events, "INSERT 0 0"},
                                                     {sql::append_events, "INSERT 0 2"},
                                                     {sql::append_events, "INSERT"},
                                                     {sql::put_states, "INSERT 0 0"}};
  for (const auto& [which, tag] : odd) {
    SCOPED_TRACE(tag);
    head_latch latch;
    session_machine machine{rules_, latch};
    state_table table;
    table.want("u1");
    machine.load(table, database_.clock);
    database_.serve(machine);
    table.put("u1", "a record");
    const std::string value =
        std::string(32, '6') + testing::event_of(event_type::locked, "1").SerializeAsString();
    const new_event event{.sequence = 6, .user_id = "1", .value = value};
    database_.tag[which] = tag;
    machine.commit(table, {&event, 1}, attempt, database_.clock);
    database_.serve(machine);
    EXPECT_EQ(machine.committed().error().code, errc::storage_failed);
    EXPECT_TRUE(latch.fenced());
  }
}

TEST_F(commits, that_delete_what_was_there_say_how_much) {
  const auto deleted = [this](bool there, bool loaded, const std::string& tag) {
    head_latch latch;
    session_machine machine{rules_, latch};
    state_table table;
    if (loaded) table.want("u1");
    database_.states.clear();
    if (there) database_.states = {{"u1", "a record"}};
    machine.load(table, database_.clock);
    database_.serve(machine);
    table.erase("u1");
    const std::string value =
        std::string(32, '6') + testing::event_of(event_type::removed, "1").SerializeAsString();
    const new_event event{.sequence = 6, .user_id = "1", .value = value};
    database_.tag[sql::delete_states] = tag;
    machine.commit(table, {&event, 1}, attempt, database_.clock);
    database_.serve(machine);
    return machine.committed().has_value();
  };
  EXPECT_TRUE(deleted(true, true, "DELETE 1"));
  EXPECT_FALSE(deleted(true, true, "DELETE 0"));
  EXPECT_TRUE(deleted(false, true, "DELETE 0"));
  EXPECT_FALSE(deleted(false, true, "DELETE 1"));
  EXPECT_TRUE(deleted(false, false, "DELETE 1")) << "nobody has looked";
}

TEST_F(commits, send_nothing_once_a_reader_has_found_events_lost) {
  ASSERT_TRUE(load());
  database_.take_trace();
  latch_.fence("a reader says so");
  EXPECT_EQ(commit().error().code, errc::storage_failed);
  EXPECT_EQ(database_.take_trace(), strings{"close"});
}

TEST_F(commits, ask_for_nothing_once_a_reader_has_found_events_lost) {
  ASSERT_TRUE(load());
  database_.take_trace();
  database_.lose_at = sql::commit;
  database_.on_connect = [this] { latch_.fence("a reader says so"); };
  EXPECT_EQ(commit().value(), commit_status::unknown);
  EXPECT_EQ(database_.take_trace(),
            (strings{"begin move_head put_states append_events commit", "connect", "close"}));
}

TEST_F(commits, whose_store_is_another_now_are_unknown_and_the_last) {
  ASSERT_TRUE(load());
  database_.lose_at = sql::commit;
  database_.refuse = 1;
  database_.refuse_as = errc::storage_failed;
  EXPECT_EQ(commit().value(), commit_status::unknown);
  EXPECT_EQ(load().error().code, errc::storage_failed);
}

}  // namespace
}  // namespace factord::storage::session_commits_test

#include "storage/audit/verify.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "storage/model/event_value.hpp"
#include "storage/model/keys.hpp"
#include "tests/unit/storage/commit/commands.hpp"
#include "tests/unit/storage/engine/engines.hpp"
#include "tests/unit/storage/rocksdb/raw_store.hpp"

namespace factord::storage::verify_test {
namespace {

using testing::append_all;
using testing::event_of;
using testing::human_added;
using testing::raw_store;
using testing::token_event;

const std::string token_hash(32, '\x99');

std::string key_of(std::uint64_t sequence) {
  std::string key;
  set_event_key(key, sequence);
  return key;
}

std::string index_key(std::string_view user, std::uint64_t sequence) {
  std::string key;
  set_user_event_key(key, user, sequence);
  return key;
}

const std::string name_ada{"norg1\0ada", 9};

std::string holders(const std::vector<std::string>& ids) {
  username_record name;
  for (const std::string& id : ids) name.add_user_ids(id);
  return name.SerializeAsString();
}

/// A store of some history: 1..9.
class verify_test : public ::testing::Test {
 protected:
  verify_test() {
    fill({human_added("a", "ada"), event_of(event_type::otp_email_added, "a"),
          human_added("b", "bob"), event_of(event_type::otp_email_added, "b")});
    fill({event_of(event_type::removed, "a"), human_added("c", "ada"),
          token_event(event_type::token_added, "b", token_hash),
          token_event(event_type::token_added, "c", std::string(32, 'x'))});
    fill({token_event(event_type::token_removed, "c", std::string(32, 'x'))});
  }

  verify_report check() {
    if (const auto failure = store_.open_read_only()) throw std::runtime_error{failure->message};
    return verify(store_.get(), {}).value();
  }

  void break_it(const std::function<void(raw_store&)>& how) {
    store_.close();
    raw_store raw{store_.files()};
    how(raw);
  }

  void fill(std::vector<event_record> some) {
    if (!append_all(store_.get(), std::move(some))) throw std::runtime_error{"append"};
  }

  testing::store_on_disk store_;
};

TEST_F(verify_test, a_sound_store_has_no_problem) {
  const verify_report report = check();
  EXPECT_EQ(report.problems, std::vector<std::string>{});
  EXPECT_EQ(report.head.sequence, 9U);
  EXPECT_EQ(report.users, 3U);
  EXPECT_EQ(report.factors, 1U);
  EXPECT_EQ(report.tokens, 1U);
  EXPECT_EQ(report.events_by_type[static_cast<std::size_t>(event_type::human_added)], 3U);
  EXPECT_EQ(report.events_by_type[static_cast<std::size_t>(event_type::otp_email_removed)], 0U);
}

TEST_F(verify_test, an_empty_store_is_sound) {
  testing::store_on_disk empty;
  const verify_report report = verify(empty.get(), {}).value();
  EXPECT_EQ(report.problems, std::vector<std::string>{});
  EXPECT_EQ(report.head.sequence, 0U);
}

TEST_F(verify_test, progress_reaches_the_end_of_each_step) {
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> last;
  const auto note = [&last](std::string_view step, std::uint64_t done, std::uint64_t total) {
    last[std::string{step}] = {done, total};
  };
  ASSERT_TRUE(verify(store_.get(), note));
  EXPECT_EQ(last["events"], std::pair(std::uint64_t{9}, std::uint64_t{9}));
  EXPECT_EQ(last["users"], std::pair(std::uint64_t{9}, std::uint64_t{9}));
  // Three users, one factor, two names, one token and its id; meta is walked as well.
  EXPECT_EQ(last["states"].second, 8U);
}

TEST_F(verify_test, a_name_that_several_have_is_each_ones) {
  ASSERT_FALSE(store_.open());
  fill({human_added("e", "Bob"), human_added("d", "BOB")});
  EXPECT_EQ(check().problems, std::vector<std::string>{});
  const std::string bob{"norg1\0bob", 9};
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{"b", "d"}, {"e", "d", "b"}, {"b", "d", "d", "e"}}) {
    break_it([&](raw_store& raw) { raw.put(raw_store::states, bob, holders(wrong)); });
    EXPECT_NE(check().problems, std::vector<std::string>{}) << wrong.size();
  }
  break_it([&](raw_store& raw) { raw.put(raw_store::states, bob, holders({"b", "d", "e"})); });
  EXPECT_EQ(check().problems, std::vector<std::string>{});
}

TEST_F(verify_test, long_histories_span_pages) {
  ASSERT_FALSE(store_.open());
  for (int round = 0; round < 12; ++round) {
    std::vector<event_record> some;
    for (int i = 0; i < 250; ++i) {
      const std::string user = "user " + std::to_string(i);
      some.push_back(event_of(
          round % 2 == 0 ? event_type::otp_email_added : event_type::otp_email_removed, user));
    }
    fill(some);
  }
  const verify_report report = check();
  EXPECT_EQ(report.problems, std::vector<std::string>{});
  EXPECT_EQ(report.head.sequence, 3009U);
}

struct damage {
  std::string name;
  std::function<void(raw_store&)> how;
  std::string problem;  ///< part of one that must be found
};

class verify_finds : public verify_test, public ::testing::WithParamInterface<damage> {};

TEST_P(verify_finds, it) {
  break_it(GetParam().how);
  const verify_report report = check();
  std::string all;
  for (const std::string& problem : report.problems) all += problem + "\n";
  EXPECT_NE(all.find(GetParam().problem), std::string::npos) << "found only: " << all;
}

void change_record(raw_store& raw, std::uint64_t sequence,
                   const std::function<void(event_record&)>& change) {
  const std::string value = raw.get(raw_store::events, key_of(sequence));
  event_record record;
  ASSERT_TRUE(record.ParseFromString(value.substr(32)));
  change(record);
  raw.put(raw_store::events, key_of(sequence), value.substr(0, 32) + record.SerializeAsString());
}

const std::vector<damage> damages{
    {"an_event_lost", [](raw_store& raw) { raw.erase(raw_store::events, key_of(4)); },
     "after event 3 comes event 5: a gap"},
    {"a_lost_event_of_the_index", [](raw_store& raw) { raw.erase(raw_store::events, key_of(4)); },
     "event 4 is in the index of user b only"},
    {"the_tail_of_the_log_lost", [](raw_store& raw) { raw.erase(raw_store::events, key_of(9)); },
     "event 9 is in the index of user c only"},
    {"an_event_edited",
     [](raw_store& raw) {
       change_record(raw, 4, [](event_record& event) { event.set_creator("nobody"); });
     },
     "event 4 does not fit the hash chain"},
    {"two_events_swapped",
     [](raw_store& raw) {
       const std::string third = raw.get(raw_store::events, key_of(3));
       raw.put(raw_store::events, key_of(3), raw.get(raw_store::events, key_of(4)));
       raw.put(raw_store::events, key_of(4), third);
     },
     "event 3 does not fit the hash chain"},
    {"a_hash_edited",
     [](raw_store& raw) {
       std::string value = raw.get(raw_store::events, key_of(2));
       value[0] = static_cast<char>(value[0] ^ 1);
       raw.put(raw_store::events, key_of(2), value);
     },
     "event 2 does not fit the hash chain"},
    {"an_event_that_is_no_record",
     [](raw_store& raw) {
       raw.put(raw_store::events, key_of(2),
               raw.get(raw_store::events, key_of(2)).substr(0, 32) + "\xFF");
     },
     "event 2 does not hold an event record"},
    {"an_event_too_short", [](raw_store& raw) { raw.put(raw_store::events, key_of(2), "short"); },
     "event 2 is too short"},
    {"an_event_of_no_type",
     [](raw_store& raw) { change_record(raw, 2, [](event_record& event) { event.set_type(99); }); },
     "event 2 is of unknown type 99"},
    {"time_going_back",
     [](raw_store& raw) {
       change_record(raw, 5, [](event_record& event) { event.set_created_at(1); });
     },
     "event 5 is older than the event before it"},
    {"a_state_lost", [](raw_store& raw) { raw.erase(raw_store::states, "ub"); },
     "state ub is missing"},
    {"a_state_edited",
     [](raw_store& raw) { raw.put(raw_store::states, "ub", raw.get(raw_store::states, "uc")); },
     "state ub is not what replay gives"},
    {"a_removed_factor_back",
     [](raw_store& raw) {
       raw.put(raw_store::states, std::string{"fa\0\1", 4},
               raw.get(raw_store::states, std::string{"fb\0\1", 4}));
     },
     "state fa\\x00\\x01 is there, though replay removes it"},
    {"a_user_from_nowhere",
     [](raw_store& raw) { raw.put(raw_store::states, "ux", raw.get(raw_store::states, "uc")); },
     "4 users are stored, replay gives 3"},
    {"a_factor_from_nowhere",
     [](raw_store& raw) {
       raw.put(raw_store::states, std::string{"fx\0\1", 4}, "");
     },
     "2 factors are stored, replay gives 1"},
    {"a_name_from_nowhere",
     [](raw_store& raw) {
       raw.put(raw_store::states, std::string{"norg1\0eve", 9}, "");
     },
     "3 usernames are stored, replay gives 2"},
    {"a_name_given_to_another",
     [](raw_store& raw) {
       raw.put(raw_store::states, std::string{"norg1\0ada", 9},
               raw.get(raw_store::states, std::string{"norg1\0bob", 9}));
     },
     "state norg1\\x00ada is not what replay gives"},
    {"a_name_given_to_one_more",
     [](raw_store& raw) {
       raw.put(raw_store::states, name_ada, holders({"b", "c"}));
     },
     "3 usernames are stored, replay gives 2"},
    {"a_name_twice_of_one_user",
     [](raw_store& raw) {
       raw.put(raw_store::states, name_ada, holders({"c", "c"}));
     },
     "state norg1\\x00ada is not what replay gives"},
    {"a_name_that_is_no_record",
     [](raw_store& raw) { raw.put(raw_store::states, name_ada, "\xFF"); },
     "state norg1\\x00ada is not what replay gives"},
    {"a_token_from_nowhere",
     [](raw_store& raw) {
       raw.put(raw_store::states, "t" + std::string(32, 'z'),
               raw.get(raw_store::states, "t" + token_hash));
     },
     "2 tokens are stored, replay gives 1"},
    {"a_revoked_token_back",
     [](raw_store& raw) {
       raw.put(raw_store::states, "t" + std::string(32, 'x'),
               raw.get(raw_store::states, "t" + token_hash));
     },
     "is there, though replay removes it"},
    {"a_token_id_lost", [](raw_store& raw) { raw.erase(raw_store::states, "itoken of b"); },
     "state itoken of b is missing"},
    {"a_token_id_of_another_token",
     [](raw_store& raw) { raw.put(raw_store::states, "itoken of b", std::string(32, 'x')); },
     "state itoken of b is not what replay gives"},
    {"a_revoked_token_id_back",
     [](raw_store& raw) { raw.put(raw_store::states, "itoken of c", std::string(32, 'x')); },
     "state itoken of c is there, though replay removes it"},
    {"a_token_id_from_nowhere",
     [](raw_store& raw) { raw.put(raw_store::states, "inobody", token_hash); },
     "2 token ids are stored, replay gives 1"},
    {"a_state_of_no_kind", [](raw_store& raw) { raw.put(raw_store::states, "zzz", ""); },
     "state zzz is of no known kind"},
    {"an_index_entry_lost",
     [](raw_store& raw) { raw.erase(raw_store::index_of_users, index_key("b", 4)); },
     "the index has 8 entries for 9 events"},
    {"an_index_entry_too_many",
     [](raw_store& raw) { raw.put(raw_store::index_of_users, index_key("b", 2), ""); },
     "event 2 is of user a, but in the index of user b"},
    {"an_index_key_that_is_none",
     [](raw_store& raw) { raw.put(raw_store::index_of_users, "zzz", ""); },
     "index key zzz is none"},
};

INSTANTIATE_TEST_SUITE_P(damages, verify_finds, ::testing::ValuesIn(damages),
                         [](const auto& test) { return test.param.name; });

event_record of_bootstrap(event_record event) {
  event.mutable_payload()->set_token_id("bootstrap");
  return event;
}

TEST_F(verify_test, a_token_may_become_another_users_with_its_id_and_its_text) {
  const std::string hash(32, 'y');
  const auto added = [&](const char* user) {
    fill({of_bootstrap(token_event(event_type::token_added, user, hash))});
  };
  const auto removed = [&](const char* user) {
    fill({of_bootstrap(token_event(event_type::token_removed, user, hash))});
  };
  added("a");
  removed("a");
  added("c");
  removed("c");
  added("b");
  EXPECT_TRUE(check().problems.empty());
}

TEST_F(verify_test, one_that_its_owner_does_not_have_is_found) {
  fill({of_bootstrap(token_event(event_type::token_added, "b", std::string(32, 'y'))),
        of_bootstrap(token_event(event_type::token_removed, "b", std::string(32, 'y')))});
  break_it([](raw_store& raw) {
    raw.put(raw_store::states, "ibootstrap", token_hash);
    raw.erase(raw_store::states, "itoken of b");
  });
  const auto problems = check().problems;
  EXPECT_EQ(std::ranges::count(problems, "state ibootstrap is there, though replay removes it"), 1);
}

TEST_F(verify_test, keeps_the_first_hundred_problems) {
  break_it([](raw_store& raw) {
    for (int i = 0; i < 300; ++i) raw.put(raw_store::states, "z" + std::to_string(i), "");
  });
  EXPECT_EQ(check().problems.size(), 100U);
}

}  // namespace
}  // namespace factord::storage::verify_test

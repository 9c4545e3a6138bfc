#include "storage/rocksdb/format_upgrade.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "storage/audit/verify.hpp"
#include "storage/model/keys.hpp"
#include "tests/unit/storage/commit/commands.hpp"
#include "tests/unit/storage/engine/engines.hpp"
#include "tests/unit/storage/rocksdb/raw_store.hpp"

namespace factord::storage::format_upgrade_test {
namespace {

using testing::append_all;
using testing::event_of;
using testing::human_added;
using testing::raw_store;

// So many that the upgrade takes several batches.
constexpr int many = 6'000;

std::string hash_of(int number) {
  std::string hash = std::to_string(number);
  hash.resize(32, '\xEE');
  return hash;
}

event_record token_added(int number) {
  auto event = testing::token_event(event_type::token_added, "1", hash_of(number));
  event.mutable_payload()->set_token_id("id " + std::to_string(number));
  return event;
}

event_record token_removed(int number) {
  auto event = token_added(number);
  event.set_type(static_cast<std::uint32_t>(event_type::token_removed));
  return event;
}

/// A store of format 1 with users, and tokens of which every third is revoked.
class format_upgrade : public ::testing::Test {
 protected:
  format_upgrade() {
    std::vector<event_record> added{
        human_added("1"),         human_added("2", "Ada"),
        human_added("3", "ada"),  human_added("4", "ADA"),
        human_added("5", "Ada2"), event_of(event_type::otp_email_added, "2")};
    std::vector<event_record> removed;
    for (int i = 0; i < many; ++i) {
      added.push_back(token_added(i));
      if (i % 3 == 0) removed.push_back(token_removed(i));
    }
    EXPECT_TRUE(append_all(store_.get(), added));
    EXPECT_TRUE(append_all(store_.get(), removed));
    now_ = testing::all_states(store_.get());
    store_.close();
    raw_store{store_.files()}.make_format_1();
  }

  /// What verify finds, as text.
  std::string problems() {
    const auto report = verify(store_.get(), {});
    if (!report) return report.error().message;
    return report->problems.empty() ? "" : report->problems.front();
  }

  testing::store_on_disk store_;
  std::vector<std::pair<std::string, std::string>> now_;  ///< the states of the current format
};

TEST_F(format_upgrade, gives_the_states_that_events_give_today) {
  ASSERT_FALSE(store_.open());
  EXPECT_EQ(store_.get().format(), store_format::current);
  EXPECT_EQ(testing::all_states(store_.get()), now_);
  EXPECT_EQ(problems(), "");
  ASSERT_EQ(store_.notices.size(), 2U);
  EXPECT_NE(store_.notices[0].find("from format 1 to format 2"), std::string::npos);

  ASSERT_FALSE(store_.open());
  EXPECT_TRUE(store_.notices.empty()) << "it is done once: " << store_.notices.front();
  EXPECT_EQ(testing::all_states(store_.get()), now_);
}

TEST_F(format_upgrade, lets_tokens_of_before_be_revoked) {
  ASSERT_FALSE(store_.open());
  ASSERT_TRUE(append_all(store_.get(), {token_removed(1)}, from_micros(2'000'000)));
  std::string key;
  set_token_id_key(key, "id 1");
  const auto states = testing::all_states(store_.get());
  EXPECT_TRUE(std::ranges::none_of(states, [&](const auto& one) { return one.first == key; }));
  EXPECT_EQ(problems(), "");
}

TEST_F(format_upgrade, lets_who_had_names_that_differ_in_case_share_them) {
  const auto holders = [this](std::string_view username) {
    std::string key;
    set_username_key(key, "org1", username);
    std::string all;
    for (const auto& [found, bytes] : testing::all_states(store_.get())) {
      if (found != key) continue;
      username_record name;
      EXPECT_TRUE(name.ParseFromString(bytes));
      for (const std::string& id : name.user_ids()) all += id + " ";
    }
    return all;
  };
  ASSERT_FALSE(store_.open());
  EXPECT_EQ(holders("aDA"), "2 3 4 ");
  EXPECT_EQ(holders("ADA2"), "5 ");
  ASSERT_TRUE(
      append_all(store_.get(), {event_of(event_type::removed, "3")}, from_micros(2'000'000)));
  EXPECT_EQ(holders("ada"), "2 4 ") << "nobody else may have it yet";
  EXPECT_EQ(problems(), "");
  ASSERT_TRUE(append_all(store_.get(),
                         {event_of(event_type::removed, "2"), event_of(event_type::removed, "4")},
                         from_micros(3'000'000)));
  EXPECT_EQ(holders("ada"), "");
  EXPECT_EQ(problems(), "");
}

TEST_F(format_upgrade, refuses_a_name_that_is_none_and_stays_unfinished) {
  raw_store{store_.files()}.put(raw_store::states, std::string{"norg1\0Eve", 9}, "\xFF");
  const auto refused = store_.open();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, errc::corruption);
}

TEST_F(format_upgrade, keeps_what_it_does_not_know) {
  raw_store{store_.files()}.put(raw_store::states, "mhint", "a later version's");
  ASSERT_FALSE(store_.open());
  EXPECT_EQ(testing::all_states(store_.get()), now_);
  EXPECT_EQ(store_.notices.back().substr(store_.notices.back().find(": ")), ": 'hint'");
  store_.close();
  raw_store raw{store_.files()};
  EXPECT_EQ(raw.get(raw_store::states, "mhint"), "a later version's");
  EXPECT_EQ(raw.get(raw_store::states, "mformat"), "2");
}

TEST_F(format_upgrade, keeps_the_features_that_it_takes_to_read_the_store) {
  {
    const auto files = held_directory::open(store_.files()).value();
    const auto database = rocksdb_database::open(files, store_.options).value();
    ASSERT_TRUE(upgrade_format(*database, {store_format::first, {"outbox", "quotas"}}, {}));
  }
  {
    raw_store raw{store_.files()};
    EXPECT_EQ(raw.get(raw_store::states, "mformat"), "2 outbox quotas");
    EXPECT_THROW((void)raw.get(raw_store::states, "mupgrade_from"), std::runtime_error);
  }
  EXPECT_EQ(store_.open()->code, errc::wrong_format) << "for this program knows none yet";
}

TEST_F(format_upgrade, is_not_begun_on_a_store_with_a_feature_that_is_not_known) {
  raw_store{store_.files()}.put(raw_store::states, "mformat", "1 outbox");
  EXPECT_EQ(store_.open()->code, errc::wrong_format);
  EXPECT_EQ(raw_store{store_.files()}.get(raw_store::states, "mformat"), "1 outbox");
}

TEST_F(format_upgrade, is_not_needed_for_reading) {
  const auto files = [this] {
    std::map<std::string, std::filesystem::file_time_type> all;
    for (const auto& entry : std::filesystem::directory_iterator{store_.files()})
      all[entry.path().string()] = entry.last_write_time();
    return all;
  };
  const auto before = files();
  ASSERT_FALSE(store_.open_read_only());
  EXPECT_EQ(store_.get().format(), store_format::first);
  EXPECT_EQ(problems(), "");
  EXPECT_EQ(files(), before);
}

TEST_F(format_upgrade, goes_on_where_a_crash_ended_it) {
  // With the mark of its beginning and some of what it writes.
  {
    raw_store raw{store_.files()};
    raw.put(raw_store::states, "mformat", "2");
    raw.put(raw_store::states, "mupgrade_from", "1");
    raw.put(raw_store::states, "iid 1", hash_of(1));
    raw.erase(raw_store::states, std::string{"norg1\0Ada2", 10});
    raw.put(raw_store::states, std::string{"norg1\0ada2", 10},
            "\x0A\x01"
            "5");
  }
  const auto refused = store_.open_read_only();
  ASSERT_TRUE(refused) << "its states are of no one format";
  EXPECT_EQ(refused->code, errc::wrong_format);
  EXPECT_NE(refused->message.find("half way from format 1"), std::string::npos) << refused->message;

  ASSERT_FALSE(store_.open());
  EXPECT_EQ(testing::all_states(store_.get()), now_);
  ASSERT_FALSE(store_.open_read_only());
  EXPECT_EQ(problems(), "");
}

TEST_F(format_upgrade, refuses_a_token_that_is_none_and_stays_unfinished) {
  raw_store{store_.files()}.put(raw_store::states, "t" + hash_of(1), "\xFF");
  for (int i = 0; i < 2; ++i) {
    const auto refused = store_.open();
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->code, errc::corruption);
  }
}

TEST_F(format_upgrade, an_upgrade_from_an_unknown_format_is_refused) {
  raw_store{store_.files()}.put(raw_store::states, "mupgrade_from", "0");
  EXPECT_EQ(store_.open().value().code, errc::wrong_format);
  EXPECT_EQ(store_.open_read_only().value().code, errc::wrong_format);
}

}  // namespace
}  // namespace factord::storage::format_upgrade_test

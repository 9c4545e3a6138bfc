#include "storage/rocksdb/features.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "storage/audit/verify.hpp"
#include "tests/unit/storage/commit/commands.hpp"
#include "tests/unit/storage/engine/engines.hpp"
#include "tests/unit/storage/rocksdb/raw_store.hpp"

namespace factord::storage::features_test {
namespace {

using testing::raw_store;
using testing::store_on_disk;

/// What a later program may know.
constexpr std::array later{feature{"quotas", feature_kind::required},
                           feature{"outbox", feature_kind::required},
                           feature{"hint", feature_kind::ignorable}};

/// "2" with so many features.
std::string with_names(int count) {
  std::string text = "2";
  for (int i = 0; i < count; ++i) text += " f" + std::to_string(100 + i);
  return text;
}

std::string message_of(std::string_view text) {
  const auto parsed = parse_layout(text, later);
  return parsed ? "" : parsed.error().message;
}

TEST(features, of_this_program_have_a_name_each) {
  std::set<std::string_view> names;
  for (const feature& one : known_features()) {
    EXPECT_TRUE(names.insert(one.name).second) << one.name;
    EXPECT_TRUE(parse_layout("2 " + std::string{one.name},
                             std::array{feature{one.name, feature_kind::required}}))
        << one.name << " can be written";
  }
}

TEST(features, a_layout_is_what_it_was_written_as) {
  for (const std::string text : {"1", "2", "1 quotas", "2 outbox quotas"}) {
    const auto parsed = parse_layout(text, later);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(to_text(*parsed), text);
  }
  const auto parsed = parse_layout("2 outbox quotas", later);
  EXPECT_EQ(parsed->format, store_format::current);
  EXPECT_EQ(parsed->features, (std::vector<std::string>{"outbox", "quotas"}));
}

TEST(features, all_that_are_not_known_are_named) {
  const auto parsed = parse_layout("2 chains outbox zones", later);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, errc::wrong_format);
  EXPECT_EQ(parsed.error().message,
            "needs a later version of this program: this one does not know 'chains', 'zones'");
  // What may be ignored is not what it takes to read a store, nor is what is always there.
  EXPECT_EQ(parse_layout("2 hint", later).error().code, errc::wrong_format);
  EXPECT_EQ(parse_layout("2 format").error().code, errc::wrong_format);
  EXPECT_EQ(parse_layout("2 token_epoch").error().code, errc::wrong_format);
}

TEST(features, what_follows_another_number_is_not_read) {
  for (const std::string text : {"0", "3", "3 quotas", "3 \xFF,,", "999999999", "02"}) {
    const auto parsed = parse_layout(text, later);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, errc::wrong_format) << text;
    EXPECT_EQ(parsed.error().message, "has format version " + text.substr(0, text.find(' ')) +
                                          "; this program knows versions 1 to 2");
  }
}

TEST(features, what_is_no_layout_is_damaged) {
  using namespace std::string_literals;
  const std::string longest(64, 'n');
  for (const std::string& text : {""s,
                                  " "s,
                                  "x"s,
                                  "-1"s,
                                  "2.0"s,
                                  "9999999999"s,
                                  "2\n"s,
                                  "2\0"s,
                                  "2,quotas"s,  // number
                                  "2 "s,
                                  "2  quotas"s,
                                  " 2"s,
                                  "2 quotas "s,  // empty
                                  "2 quotas quotas"s,
                                  "2 quotas outbox"s,  // order
                                  "2 Retries"s,
                                  "2 re-tries"s,
                                  "2 quotas\0"s,
                                  "2 r\xFF"s,
                                  "2 \xC3\xA4"s,  // bytes
                                  "2 " + longest + "n",
                                  with_names(65),
                                  "2 " + std::string(1U << 20U, ' '),  // limits
                                  "2 " + std::string(1U << 20U, 'n'),
                                  std::string(1U << 20U, '2')}) {
    const auto parsed = parse_layout(text, later);
    ASSERT_FALSE(parsed) << text.substr(0, 100);
    EXPECT_EQ(parsed.error().code, errc::corruption) << text.substr(0, 100);
    EXPECT_EQ(parsed.error().message, "has a format that is damaged");
  }
  EXPECT_NE(message_of("2 " + longest).find(longest), std::string::npos) << "the longest name";
  EXPECT_NE(message_of(with_names(64)).find("'f100', 'f101'"), std::string::npos);
  EXPECT_NE(message_of(with_names(64)).find("'f163'"), std::string::npos) << "as many as may be";
}

/// A store of today in which a later program has left something.
class store_of_later : public ::testing::Test {
 protected:
  void plant(const std::string& key, const std::string& value) {
    store_.close();
    raw_store{store_.files()}.put(raw_store::states, key, value);
  }
  std::string left(const std::string& key) {
    store_.close();
    return raw_store{store_.files()}.get(raw_store::states, key);
  }

  store_on_disk store_;
};

TEST_F(store_of_later, keeps_what_may_be_ignored_and_names_it) {
  ASSERT_TRUE(testing::append_all(store_.get(), {testing::human_added("1")}));
  const std::string bytes{"\0any\xFF", 5};
  plant("mhint", bytes);
  const auto expect_told = [this] {
    ASSERT_EQ(store_.notices.size(), 1U);
    EXPECT_EQ(store_.notices[0],
              "the store has features of a later version, which this one keeps and passes over: "
              "'hint'");
    const auto report = verify(store_.get(), {});
    ASSERT_TRUE(report);
    EXPECT_EQ(report->problems, std::vector<std::string>{});
  };
  ASSERT_FALSE(store_.open_read_only());
  expect_told();
  ASSERT_FALSE(store_.open());
  expect_told();
  ASSERT_TRUE(testing::append_all(store_.get(), {testing::human_added("2")}));
  ASSERT_TRUE(store_.get().compact());
  EXPECT_EQ(left("mhint"), bytes);
}

TEST_F(store_of_later, is_told_of_in_a_line_whatever_its_keys_are) {
  plant("m", "no name");
  plant("m\n\"\xFF" + std::string(1'000, 'x'), "");
  for (int i = 0; i < 15; ++i) plant("mz" + std::to_string(10 + i), "");
  ASSERT_FALSE(store_.open());
  ASSERT_EQ(store_.notices.size(), 1U);
  const std::string told = store_.notices[0].substr(store_.notices[0].find(": ") + 2);
  EXPECT_TRUE(told.starts_with("'', '???" + std::string(61, 'x') + "', 'z10', ")) << told;
  EXPECT_TRUE(told.ends_with("'z23' and 1 more")) << told;
}

// A program that does not know them would end none, and answer a repeated request anew.
TEST_F(store_of_later, retries_are_required_from_the_first_key_on) {
  using testing::event_of;
  ASSERT_TRUE(testing::append_all(store_.get(), {event_of(event_type::locked, "1")}));
  EXPECT_EQ(left("mformat"), "2");
  ASSERT_FALSE(store_.open());
  for (const char key : {'a', 'b'}) {
    const auto event = testing::with_retry(event_of(event_type::locked, "1"), key, 99);
    ASSERT_TRUE(testing::append_all(store_.get(), {event}));
  }
  EXPECT_EQ(left("mformat"), "2 retries");
  ASSERT_FALSE(store_.open());
  ASSERT_TRUE(testing::append_all(
      store_.get(), {testing::with_retry(event_of(event_type::locked, "1"), 'c', 99)}));
  EXPECT_EQ(left("mformat"), "2 retries");
}

// A program that does not know it would let a stranger's lock bar a token.
TEST_F(store_of_later, who_acts_within_an_organization_is_required_from_the_first_on) {
  using testing::event_of;
  ASSERT_TRUE(testing::append_all(store_.get(), {testing::human_added("1")}));
  EXPECT_EQ(left("mformat"), "2");
  for (int i = 0; i < 2; ++i) {
    ASSERT_FALSE(store_.open());
    auto event = event_of(event_type::locked, "1");
    event.mutable_private_part()->set_within_org(true);
    ASSERT_TRUE(testing::append_all(store_.get(), {event, event}));
    EXPECT_EQ(left("mformat"), "2 within_org");
  }
}

TEST_F(store_of_later, two_are_required_from_one_batch_on) {
  auto event = testing::with_retry(testing::event_of(event_type::locked, "1"), 'a', 99);
  event.mutable_private_part()->set_within_org(true);
  ASSERT_TRUE(testing::append_all(store_.get(), {event}));
  EXPECT_EQ(left("mformat"), "2 retries within_org");
}

TEST_F(store_of_later, of_today_has_nothing_to_tell) {
  ASSERT_TRUE(testing::append_all(store_.get(), {testing::event_of(event_type::locked, "1")}));
  ASSERT_FALSE(store_.open());
  EXPECT_TRUE(store_.notices.empty()) << store_.notices[0];
}

}  // namespace
}  // namespace factord::storage::features_test

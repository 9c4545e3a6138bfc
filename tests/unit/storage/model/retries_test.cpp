#include "storage/model/retries.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "storage/model/keys.hpp"
#include "storage/model/stored_record.hpp"
#include "tests/unit/storage/commit/commands.hpp"

namespace factord::storage::retries_test {
namespace {

std::string hash_of(char key) { return std::string(32, key); }

event_record keyed(char key, std::int64_t created_at, std::int64_t ends_at) {
  event_record event = testing::event_of(event_type::otp_email_removed, "7");
  event.set_created_at(created_at);
  return testing::with_retry(std::move(event), key, ends_at);
}

class retries : public ::testing::Test {
 protected:
  /// As a batch does it, of one event.
  void apply(event_record event, std::uint32_t ended = 0) {
    event.mutable_private_part()->set_retries_ended(ended);
    list_retry(event, table_);
    list_oldest_retries(table_);
    evolve_retries(event, ++sequence_, table_);
  }
  std::optional<retry_record> find(char key, std::int64_t now = 0) {
    list_retry(hash_of(key), table_);
    return find_retry(table_, hash_of(key), from_micros(now));
  }
  std::uint32_t ended(std::int64_t now) { return count_ended_retries(table_, from_micros(now)); }
  retry_queue queue() {
    set_retry_queue_key(key_);
    return parse_stored<retry_queue>(table_.get(key_).value());
  }
  bool is_at_place(std::uint64_t place) {
    set_retry_place_key(key_, place);
    return table_.find(key_) && table_.get(key_);
  }

  state_table table_;
  std::string key_;
  std::uint64_t sequence_ = 0;
};

TEST_F(retries, find_what_the_event_answered) {
  EXPECT_FALSE(find('a'));
  apply(keyed('a', 10, 100));
  const auto found = find('a', 99);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->sequence(), 1U);
  EXPECT_EQ(found->created_at(), 10);
  EXPECT_EQ(found->user_id(), "7");
  EXPECT_EQ(found->resource_owner(), "org1");
  EXPECT_EQ(found->request(), "request of a");
  EXPECT_FALSE(find('b', 99)) << "nor anybody else";
  EXPECT_FALSE(find('a', 100)) << "its time is over";
}

TEST_F(retries, without_a_key_an_event_changes_nothing) {
  const event_record event = testing::event_of(event_type::otp_email_removed, "7");
  list_retry(event, table_);
  evolve_retries(event, 1, table_);
  EXPECT_EQ(table_.size(), 0U);
}

TEST_F(retries, end_from_the_front_once_their_time_is_over) {
  apply(keyed('a', 10, 100));
  apply(keyed('b', 11, 50));
  apply(keyed('c', 12, 300));
  list_oldest_retries(table_);
  EXPECT_EQ(ended(99), 0U) << "the first is not over: who stands behind it waits";
  EXPECT_EQ(ended(100), 2U);
  apply(keyed('d', 100, 400), 2);
  EXPECT_FALSE(find('a'));
  EXPECT_FALSE(find('b'));
  EXPECT_TRUE(find('c'));
  EXPECT_FALSE(is_at_place(0));
  EXPECT_FALSE(is_at_place(1));
  EXPECT_EQ(queue().first(), 2U);
  EXPECT_EQ(queue().next(), 4U);
}

TEST_F(retries, no_more_end_at_once_than_was_named) {
  for (const char key : {'a', 'b', 'c', 'd', 'e'}) apply(keyed(key, 10, 20));
  EXPECT_EQ(ended(1000), retries_ended_at_once);

  state_table fresh;
  list_retry(hash_of('f'), fresh);
  EXPECT_EQ(fresh.retries_wanted(), 1U);
  set_retry_queue_key(key_);
  fresh.set_loaded(fresh.find(key_).value(), table_.get(key_));
  EXPECT_EQ(count_ended_retries(fresh, from_micros(1000)), 0U) << "nothing was named yet";
  const retry_places queue = places_of_retries(fresh);
  EXPECT_EQ(queue.first, 0U);
  EXPECT_EQ(queue.next, 5U);
  const std::size_t before = fresh.size();
  list_oldest_retries(queue, fresh);
  EXPECT_EQ(fresh.size(), before + retries_ended_at_once);
  list_oldest_retries(queue, fresh);
  EXPECT_EQ(fresh.size(), before + retries_ended_at_once) << "asked again it names the same";
  for (const char key : {'g', 'h', 'i'}) list_retry(hash_of(key), fresh);
  list_oldest_retries(queue, fresh);
  EXPECT_EQ(fresh.size(), before + 3 + 5) << "not behind the end of the queue";
}

// By a queue of before others have ended some: nothing of it is at the front any more.
TEST_F(retries, who_has_an_old_queue_in_mind_ends_none) {
  for (const char key : {'a', 'b', 'c', 'd'}) apply(keyed(key, 10, 20));
  apply(keyed('e', 30, 99), 2);
  state_table fresh;
  list_retry(hash_of('f'), fresh);
  list_oldest_retries({0, 4}, fresh);
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    if (table_.find(fresh.key(i))) fresh.set_loaded(i, table_.get(fresh.key(i)));
  }
  EXPECT_EQ(count_ended_retries(fresh, from_micros(50)), 0U);
}

TEST_F(retries, a_key_that_is_used_again_leaves_its_place_empty) {
  apply(keyed('a', 10, 100));
  apply(keyed('b', 11, 500));
  apply(keyed('a', 200, 600));
  EXPECT_EQ(find('a')->sequence(), 3U);
  EXPECT_FALSE(is_at_place(0));
  list_oldest_retries(table_);
  EXPECT_EQ(ended(200), 1U) << "an empty place needs no time";
  apply(keyed('c', 201, 700), 1);
  EXPECT_EQ(find('a')->sequence(), 3U) << "the record was another place's";
  EXPECT_EQ(queue().first(), 1U);
}

TEST_F(retries, what_ends_more_than_there_is_does_no_harm) {
  apply(keyed('a', 10, 100), 7);
  EXPECT_EQ(queue().first(), 0U);
  EXPECT_EQ(queue().next(), 1U);
  EXPECT_TRUE(find('a'));
  for (const char key : {'b', 'c', 'd'}) apply(keyed(key, 10, 100));
  apply(keyed('e', 11, 100), 4'000'000'000U);
  EXPECT_EQ(queue().first(), retries_ended_at_once) << "nor more than one may";
  EXPECT_EQ(queue().next(), 5U);
}

}  // namespace
}  // namespace factord::storage::retries_test

// A store as it was at one moment.
#include <gtest/gtest.h>

#include "storage/engine/wait_for.hpp"
#include "tests/unit/storage/postgres/store_fixture.hpp"

namespace factord::storage::snapshot_test {
namespace {

using testing::all_states;
using testing::append_all;
using testing::human_added;
using testing::read;

class postgres_snapshot_test : public testing::store_in_postgres {
 protected:
  static events_answer all_events(const log_source& of) {
    return read<events_answer>([&of](auto done) { of.read_events(0, 1000, std::move(done)); });
  }
};

TEST_F(postgres_snapshot_test, stays_as_it_was_while_others_write) {
  const auto store = open();
  ASSERT_TRUE(append_all(*store, {human_added("ada"), added("ada")}));
  const auto snapshot = open_postgres_snapshot(database_.location()).value();
  const auto before = all_states(*snapshot);
  ASSERT_TRUE(append_all(*store, {human_added("bob")}));

  EXPECT_EQ(snapshot->store_id(), id_);
  EXPECT_EQ(all_states(*snapshot), before);
  const events_answer events = all_events(*snapshot);
  EXPECT_EQ(events.head.sequence, 2U);
  EXPECT_EQ(events.events.size(), 2U);
  EXPECT_EQ(all_events(*store).events.size(), 3U);
}

TEST_F(postgres_snapshot_test, answers_what_its_callbacks_ask) {
  const auto store = open();
  ASSERT_TRUE(append_all(*store, {human_added("ada"), added("ada")}));
  const auto snapshot = open_postgres_snapshot(database_.location()).value();
  std::vector<std::size_t> sizes;
  snapshot->read_user_events("ada", 0, 10, [&](const result<events_answer>& first) {
    sizes.push_back(first.value().events.size());
    snapshot->read_last_user_event("ada", [&](const result<events_answer>& last) {
      sizes.push_back(last.value().events.size());
    });
  });
  EXPECT_EQ(sizes, (std::vector<std::size_t>{2, 1}));
  snapshot->stop();
}

TEST_F(postgres_snapshot_test, has_no_other_moment_once_its_connection_is_lost) {
  const auto snapshot = open_postgres_snapshot(database_.location()).value();
  throw_everybody_out();
  for (int i = 0; i < 2; ++i) {
    const auto found =
        wait_for<states_answer>([&](auto done) { snapshot->read_states({}, std::move(done)); });
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, errc::unavailable) << found.error().message;
  }
}

TEST_F(postgres_snapshot_test, of_a_head_that_is_gone_is_refused) {
  database_.client().ask("DELETE FROM factord.head");
  const auto opened = open_postgres_snapshot(database_.location());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, errc::corruption);
}

}  // namespace
}  // namespace factord::storage::snapshot_test

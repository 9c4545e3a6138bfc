// A reader that is the first to meet a database which has lost what was answered.
#include <gtest/gtest.h>

#include "storage/engine/wait_for.hpp"
#include "tests/unit/storage/postgres/store_fixture.hpp"

namespace factord::storage::reader_latch_test {
namespace {

using testing::append_all;
using testing::human_added;

class reader_latch : public testing::store_in_postgres {
 protected:
  static errc outcome_of_a_read(const engine& store) {
    const auto read =
        wait_for<states_answer>([&](auto done) { store.read_states({}, std::move(done)); });
    return read ? errc{} : read.error().code;
  }
};

TEST_F(reader_latch, is_not_carried_over_an_event_that_another_has_taken_the_place_of) {
  const auto store = open();
  ASSERT_TRUE(append_all(*store, {human_added("ada")}));
  // As after a failover that lost event 1, with others behind what took its place.
  auto client = database_.client();
  client.ask(
      "UPDATE factord.events SET value = overlay(value PLACING '\\x00ff'::bytea FROM 1 FOR 2)");
  client.ask("INSERT INTO factord.events SELECT 2, user_id, value, attempt FROM factord.events");
  client.ask("UPDATE factord.head SET sequence = 2, hash = sha256('another')");
  throw_everybody_out();

  EXPECT_EQ(outcome_of_a_read(*store), errc::storage_failed);
  state_table nothing;
  const auto loaded = store->load(nothing);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, errc::storage_failed);
}

TEST_F(reader_latch, goes_on_over_a_connection_that_was_only_lost) {
  const auto store = open();
  ASSERT_TRUE(append_all(*store, {human_added("ada")}));
  throw_everybody_out();
  EXPECT_EQ(outcome_of_a_read(*store), errc{});
  ASSERT_TRUE(append_all(*store, {human_added("bob")}));
}

}  // namespace
}  // namespace factord::storage::reader_latch_test

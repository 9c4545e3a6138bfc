// A store that is being filled: nobody else's before it is whole, and gone where it never is.
#include <gtest/gtest.h>

#include "tests/unit/storage/postgres/store_fixture.hpp"

namespace factord::storage::unfinished_store_test {
namespace {

using testing::append_all;
using testing::database;
using testing::human_added;

class unfinished_store : public ::testing::Test {
 protected:
  std::string schemas() {
    return database_.client().ask("SELECT count(*) FROM pg_namespace WHERE nspname = 'factord'");
  }

  database database_;
};

TEST_F(unfinished_store, is_a_store_once_it_is_finished) {
  const auto filled = unfinished_postgres_store::make(database_.location()).value();
  // Of the time that it is told, not of the database's.
  ASSERT_TRUE(append_all(filled->store(), {human_added("ada")}, from_micros(17)));
  const auto early = open_postgres_store(database_.location());
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, errc::not_a_store);
  EXPECT_NE(early.error().message.find("drop the schema factord and copy again"),
            std::string::npos);
  ASSERT_TRUE(filled->finish());

  const auto store = open_postgres_store(database_.location()).value();
  EXPECT_EQ(store->store_id(), filled->store().store_id());
  state_table nothing;
  const auto head = store->load(nothing).value();
  store->abandon();
  EXPECT_EQ(head.sequence, 1U);
  EXPECT_EQ(head.created_at, from_micros(17));
}

TEST_F(unfinished_store, that_is_never_finished_is_gone) {
  {
    const auto filled = unfinished_postgres_store::make(database_.location()).value();
    ASSERT_TRUE(append_all(filled->store(), {human_added("ada")}));
    EXPECT_EQ(schemas(), "1");
  }
  EXPECT_EQ(schemas(), "0");
}

TEST_F(unfinished_store, takes_no_place_that_is_taken) {
  const std::string id = make_postgres_store(database_.location()).value();
  const auto refused = unfinished_postgres_store::make(database_.location());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::already_exists);
  EXPECT_EQ(open_postgres_store(database_.location()).value()->store_id(), id);
}

}  // namespace
}  // namespace factord::storage::unfinished_store_test

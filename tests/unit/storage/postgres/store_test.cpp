// What a database can be that a store is asked for, and is refused.
#include "storage/postgres/store.hpp"

#include <gtest/gtest.h>

#include "storage/model/event_value.hpp"
#include "tests/unit/storage/postgres/store_fixture.hpp"

namespace factord::storage::postgres_store_test {
namespace {

using testing::append_all;
using testing::cluster;
using testing::database;
using testing::server_setting;
using testing::store_in_postgres;

class postgres_store : public store_in_postgres {
 protected:
  std::optional<error> opening(const std::string& url) {
    const auto opened = open_postgres_store(postgres_location::parse(url).value());
    if (opened) return std::nullopt;
    return opened.error();
  }
  void expect_refused(errc code, std::string_view says, const std::string& url) {
    const auto refused = opening(url);
    ASSERT_TRUE(refused) << says;
    EXPECT_EQ(refused->code, code) << refused->message;
    EXPECT_NE(refused->message.find(says), std::string::npos) << refused->message;
  }
  void expect_refused(errc code, std::string_view says) {
    expect_refused(code, says, database_.url());
  }
};

TEST_F(postgres_store, is_made_once_and_found) {
  const auto store = open();
  EXPECT_EQ(store->store_id(), id_);
  EXPECT_EQ(id_.size(), 32U);
  const auto again = make_postgres_store(database_.location());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, errc::already_exists);
  EXPECT_EQ(open()->store_id(), id_) << "and nothing was changed";
}

TEST_F(postgres_store, can_be_looked_at_with_sql) {
  const auto store = open();
  ASSERT_TRUE(append_all(*store, {testing::human_added("ada")}));
  auto client = database_.client();
  EXPECT_EQ(client.ask("SELECT user_id FROM factord.readable_events WHERE sequence = 1"), "ada");
  EXPECT_EQ(client.ask("SELECT key FROM factord.readable_states WHERE kind = 'user'"), "ada");
  EXPECT_EQ(client.ask("SELECT sequence FROM factord.readable_head"), "1");
}

TEST_F(postgres_store, that_was_not_made_is_missing) {
  const database empty;
  expect_refused(errc::store_missing, "factorctl makes one with init", empty.url());
}

TEST_F(postgres_store, of_a_newer_program_is_refused) {
  database_.client().ask("UPDATE factord.meta SET value = '2' WHERE name = 'schema'");
  expect_refused(errc::wrong_format, "schema 2, and this program knows none but 1");
  database_.client().ask("UPDATE factord.meta SET value = '1' WHERE name = 'schema'");
  database_.client().ask("UPDATE factord.meta SET value = '2 more' WHERE name = 'format'");
  expect_refused(errc::wrong_format, "format 2 more, and this program knows none but 2");
}

TEST_F(postgres_store, that_is_something_else_is_refused) {
  database_.client().ask("DELETE FROM factord.meta WHERE name = 'store_id'");
  expect_refused(errc::not_a_store, "is of something else");
}

TEST_F(postgres_store, on_a_host_that_is_not_there_is_unavailable) {
  const auto refused = opening("postgres:///x?host=/nonexistent");
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, errc::unavailable);
  EXPECT_TRUE(refused->message.starts_with("/nonexistent: ")) << refused->message;
  // Port 1 of this machine: nobody listens there.
  expect_refused(errc::unavailable, "127.0.0.1:1: ", "postgres://127.0.0.1:1/x");
}

TEST_F(postgres_store, is_found_on_whichever_host_has_it) {
  const std::string url = database_.url();
  const std::string directory = url.substr(url.find("?host=") + 6);
  EXPECT_FALSE(
      opening("postgres://postgres@/" + database_.name() + "?host=/nonexistent," + directory));
  expect_refused(errc::unavailable,
                 "/nonexistent: ", "postgres://postgres@/x?host=/nonexistent," + directory);
}

TEST_F(postgres_store, that_does_not_let_us_in_is_unavailable) {
  auto admin = cluster::get().admin();
  admin.ask(
      "DO $$ BEGIN CREATE ROLE guarded LOGIN SUPERUSER PASSWORD 'right'; "
      "EXCEPTION WHEN duplicate_object THEN END $$");
  const auto refused = opening(database_.url("guarded", "password=wrong"));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, errc::unavailable);
  EXPECT_NE(refused->message.find("password authentication failed"), std::string::npos)
      << refused->message;
  EXPECT_EQ(refused->message.find("wrong"), std::string::npos);
  expect_refused(errc::unavailable, "no password supplied", database_.url("guarded"));
  EXPECT_FALSE(opening(database_.url("guarded", "password=right")));
}

TEST_F(postgres_store, that_we_may_not_read_is_refused) {
  auto admin = cluster::get().admin();
  admin.ask(
      "DO $$ BEGIN CREATE ROLE stranger LOGIN; "
      "EXCEPTION WHEN duplicate_object THEN END $$");
  expect_refused(errc::unavailable, "permission denied", database_.url("stranger"));
}

TEST_F(postgres_store, without_durability_is_refused) {
  {
    const server_setting off{"fsync", "off"};
    expect_refused(errc::bad_argument, "fsync is off");
    const auto made = make_postgres_store(database_.location());
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, errc::bad_argument);
  }
  {
    const server_setting off{"full_page_writes", "off"};
    expect_refused(errc::bad_argument, "full_page_writes is off");
  }
  for (const char* const less : {"off", "local", "remote_write"}) {
    const server_setting set{"synchronous_commit", less};
    expect_refused(errc::bad_argument, "synchronous_commit is " + std::string{less});
  }
  EXPECT_FALSE(
      opening(database_.url("postgres", "options=-c%20synchronous_commit%3Dremote_apply")));
  expect_refused(errc::bad_argument, "synchronous_commit is off",
                 database_.url("postgres", "options=-c%20synchronous_commit%3Doff"));
}

TEST_F(postgres_store, that_takes_no_writes_is_unavailable) {
  cluster::get().admin().ask("ALTER DATABASE " + database_.name() +
                             " SET default_transaction_read_only = on");
  expect_refused(errc::unavailable, "read-only");
}

TEST_F(postgres_store, that_loses_its_durability_is_unavailable_until_it_is_back) {
  const auto store = open();
  ASSERT_TRUE(append_all(*store, {added("1")}));
  {
    const server_setting off{"fsync", "off"};
    throw_everybody_out();
    state_table nothing;
    const auto loaded = store->load(nothing);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, errc::unavailable);
    EXPECT_NE(loaded.error().message.find("fsync is off"), std::string::npos);
  }
  EXPECT_TRUE(append_all(*store, {added("2")}));
}

}  // namespace
}  // namespace factord::storage::postgres_store_test

#include "storage/postgres/server_check.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace factord::storage::server_check_test {
namespace {

server_facts good() {
  return {.version_number = "150018",
          .fsync = "on",
          .full_page_writes = "on",
          .synchronous_commit = "on",
          .read_only = "off",
          .in_recovery = "false",
          .process = "4711",
          .timeline = "0000000A",
          .started_at = "1700000000123456",
          .standby_names = ""};
}

struct facts_case {
  std::function<void(server_facts&)> change;
  std::optional<errc> fails;
  std::string says;
};

TEST(server_check, takes_what_makes_a_commit_durable_and_nothing_else) {
  const std::vector<facts_case> cases{
      {[](auto&) {}, {}, ""},
      {[](auto& f) { f.version_number = "130000"; }, {}, ""},
      {[](auto& f) { f.version_number = "129999"; }, errc::bad_argument,
       "older than PostgreSQL 13"},
      {[](auto& f) { f.version_number = "15.1"; }, errc::bad_argument, "older than PostgreSQL 13"},
      {[](auto& f) { f.version_number = ""; }, errc::bad_argument, "older than PostgreSQL 13"},
      {[](auto& f) { f.fsync = "off"; }, errc::bad_argument, "fsync is off"},
      {[](auto& f) { f.full_page_writes = "off"; }, errc::bad_argument, "full_page_writes is off"},
      {[](auto& f) { f.synchronous_commit = "remote_apply"; }, {}, ""},
      {[](auto& f) { f.synchronous_commit = "remote_write"; }, errc::bad_argument,
       "synchronous_commit is remote_write"},
      {[](auto& f) { f.synchronous_commit = "local"; }, errc::bad_argument,
       "synchronous_commit is local"},
      {[](auto& f) { f.synchronous_commit = "off"; }, errc::bad_argument,
       "synchronous_commit is off"},
      {[](auto& f) { f.read_only = "on"; }, errc::unavailable, "read-only"},
      {[](auto& f) { f.in_recovery = "true"; }, errc::unavailable, "standby"},
      {[](auto& f) { f.process = "4712"; }, errc::bad_argument, "pooler"},
  };
  for (const facts_case& one : cases) {
    server_facts facts = good();
    one.change(facts);
    const auto checked = check_server(facts, 4711);
    EXPECT_EQ(checked ? std::nullopt : std::optional{checked.error().code}, one.fails) << one.says;
    if (!checked) {
      EXPECT_NE(checked.error().message.find(one.says), std::string::npos)
          << checked.error().message;
    }
  }
  EXPECT_TRUE(check_server(good(), 0)) << "whoever tells no process hides none";
}

TEST(server_check, knows_a_primary_by_its_timeline_and_its_start) {
  const server_tag tag{.timeline = 10, .started_at = 1'700'000'000'123'456};
  EXPECT_EQ(tag_of(good()), tag);
  for (const std::string timeline : {"", "00000000", "0000000G", "100000000", "1 "}) {
    server_facts facts = good();
    facts.timeline = timeline;
    EXPECT_EQ(tag_of(facts), std::nullopt) << timeline;
  }
  server_facts facts = good();
  facts.started_at = "";
  EXPECT_EQ(tag_of(facts), std::nullopt);
}

struct meta_case {
  meta_rows rows;
  std::optional<errc> fails;
};

TEST(server_check, takes_a_store_that_it_knows_and_nothing_else) {
  const std::vector<meta_case> cases{
      {{{"schema", "1"}, {"format", "2"}, {"store_id", "id"}}, {}},
      {{{"schema", "1"}, {"format", "2"}, {"store_id", "id"}, {"more", "x"}}, {}},
      {{{"schema", "2"}, {"format", "2"}, {"store_id", "id"}}, errc::wrong_format},
      {{{"schema", "2"}}, errc::wrong_format},
      {{{"schema", "1"}, {"format", "3"}, {"store_id", "id"}}, errc::wrong_format},
      {{{"schema", "1"}, {"format", "2 a_feature"}, {"store_id", "id"}}, errc::wrong_format},
      {{{"schema", "1"}, {"store_id", "id"}}, errc::not_a_store},
      {{{"schema", "1"}, {"format", "2"}}, errc::not_a_store},
      {{{"schema", "1"}, {"format", "2"}, {"store_id", ""}}, errc::not_a_store},
      {{{"schema", "one"}, {"format", "2"}, {"store_id", "id"}}, errc::not_a_store},
      {{}, errc::not_a_store},
  };
  for (const meta_case& one : cases) {
    const auto checked = check_meta(one.rows);
    EXPECT_EQ(checked ? std::nullopt : std::optional{checked.error().code}, one.fails)
        << (one.rows.empty() ? "nothing" : one.rows.begin()->second);
    if (checked) {
      EXPECT_EQ(checked->store_id, "id");
    }
  }
}

}  // namespace
}  // namespace factord::storage::server_check_test

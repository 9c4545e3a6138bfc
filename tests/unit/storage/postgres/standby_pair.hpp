#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "storage/model/event_value.hpp"
#include "storage/postgres/store.hpp"
#include "tests/unit/storage/commit/commands.hpp"
#include "tests/unit/storage/postgres/server.hpp"
#include "tests/unit/storage/postgres/store_fixture.hpp"
#include "tests/unit/support/temp_directory.hpp"

namespace factord::storage::testing {

/// Two servers, the second of which follows the first, and a store on them.
class standby_pair : public ::testing::Test {
 protected:
  standby_pair() {
    one_.emplace(folder("one"), "");
    id_ = make_postgres_store(location({&*one_})).value();
    two_.emplace(folder("two"), *one_, "two");
    // It has all that there is by now.
    set(*one_, "synchronous_standby_names", "'two'");
    commit_something(*one_);
  }

  /// Of the store, on these servers in this order.
  static postgres_location location(const std::vector<const postgres_server*>& servers) {
    std::string url = "postgres://postgres@/postgres?host=";
    for (const postgres_server* server : servers) {
      if (server != servers.front()) url += ',';
      url += server->directory().string();
    }
    return postgres_location::parse(url).value();
  }
  std::unique_ptr<engine> open(const std::vector<const postgres_server*>& servers,
                               session_rules rules = patient()) {
    return open_postgres_store(location(servers), {.rules = rules}).value();
  }
  /// Rules by which nothing ends before it should.
  static session_rules patient() {
    session_rules rules;
    rules.connect_time = rules.load_time = rules.commit_time = rules.read_time = minute;
    rules.resolve_time = 2 * minute;
    return rules;
  }

  /// Returns once new sessions have it, and the commits that wait go by it.
  static void set(const postgres_server& server, const std::string& name,
                  const std::string& value) {
    sql_client client = server.client();
    client.ask("ALTER SYSTEM SET " + name + " = " + value);
    client.ask("SELECT pg_reload_conf()");
    while ("'" + server.client().ask("SHOW " + name) + "'" != value) std::this_thread::yield();
  }
  /// Returns once all that waits for the standby has it.
  static void commit_something(const postgres_server& server) {
    server.client().ask("SELECT pg_logical_emit_message(true, 'test', '')");
  }
  /// Ends our sessions there.
  static void throw_us_out(const postgres_server& server, const std::string& but = "0") {
    sql_client admin = server.client();
    const std::string ours =
        " FROM pg_stat_activity WHERE application_name = 'factord' AND pid NOT IN (" + but + ")";
    admin.ask("SELECT count(pg_terminate_backend(pid))" + ours);
    while (admin.ask("SELECT count(*)" + ours) != "0") std::this_thread::yield();
  }
  /// The processes there that wait for the standby, once there are some, but for this one.
  static std::string wait_for_waiting(const postgres_server& server, const std::string& but = "0") {
    sql_client admin = server.client();
    for (;;) {
      const std::string found = admin.ask(
          "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND pid <> " + but);
      if (!found.empty()) return found;
      std::this_thread::yield();
    }
  }

  static result<commit_status> attempt(engine& with, std::string_view user,
                                       const std::function<void()>& before_commit = {}) {
    return store_in_postgres::attempt(with, user, before_commit);
  }
  static result<states_answer> read(engine& from) {
    return wait_for<states_answer>([&](auto done) { from.read_states({}, std::move(done)); });
  }
  static std::string last_sequence(const postgres_server& server) {
    return server.client().ask("SELECT coalesce(max(sequence), 0) FROM factord.events");
  }

  static constexpr std::chrono::milliseconds minute{60'000};
  const temp_directory directory_;  // goes after the servers
  std::string id_;
  std::optional<postgres_server> one_;
  std::optional<postgres_server> two_;

 private:
  std::filesystem::path folder(const std::string& name) const {
    std::filesystem::create_directory(directory_.path() / name);
    std::filesystem::permissions(directory_.path(), std::filesystem::perms{0755});
    return directory_.path() / name;
  }
};

}  // namespace factord::storage::testing

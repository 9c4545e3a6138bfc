#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "storage/postgres/store.hpp"
#include "tests/unit/storage/commit/commands.hpp"
#include "tests/unit/storage/postgres/cluster.hpp"

namespace factord::storage::testing {

/// A new store in a new database, and an engine on it that is less patient than a server's.
class store_in_postgres : public ::testing::Test {
 protected:
  store_in_postgres() { id_ = make_postgres_store(database_.location()).value(); }

  static session_rules impatient() {
    session_rules rules;
    rules.lock_time = std::chrono::milliseconds{100};
    rules.commit_time = std::chrono::milliseconds{400};
    rules.resolve_time = std::chrono::milliseconds{1'500};
    rules.resolve_pause = std::chrono::milliseconds{10};
    return rules;
  }

  std::unique_ptr<engine> open(session_rules rules = impatient()) {
    postgres_options options{.rules = rules, .notice = [this](std::string_view text) {
                               const std::lock_guard lock{mutex_};
                               notices_.emplace_back(text);
                             }};
    return open_postgres_store(database_.location(), options).value();
  }
  static event_record added(std::string_view user) {
    return event_of(event_type::otp_email_added, user);
  }

 public:
  /// Loads, and puts a state and appends an event, without a queue in between: what one attempt
  /// gives.
  static result<commit_status> attempt(engine& with, std::string_view user,
                                       const std::function<void()>& before_commit = {}) {
    state_table table;
    table.want("u1");
    const auto head = with.load(table);
    if (!head) return head.error();
    table.put("u1", "a record");
    sha256 hash;
    event_record event = added(user);
    event.set_created_at(to_micros(head->read_at.value()));
    const std::string record = event.SerializeAsString();
    const digest linked = hash.link(head->hash, head->sequence + 1, record);
    const std::string value = std::string{as_bytes(linked)} + record;
    const new_event one{.sequence = head->sequence + 1, .user_id = user, .value = value};
    if (before_commit) before_commit();
    return with.commit(table, {&one, 1});
  }

 protected:
  /// The end of the log as somebody with SQL sees it.
  std::string last_sequence() {
    return database_.client().ask("SELECT coalesce(max(sequence), 0) FROM factord.events");
  }
  /// Ends the sessions of everybody in the database.
  void throw_everybody_out() {
    sql_client admin = cluster::get().admin();
    const std::string of_ours = " FROM pg_stat_activity WHERE datname = '" + database_.name() + "'";
    admin.ask("SELECT count(pg_terminate_backend(pid))" + of_ours);
    while (admin.ask("SELECT count(*)" + of_ours) != "0") std::this_thread::yield();
  }
  /// Returns once a session of the database waits for this, and its process.
  std::string wait_for_one_that_waits(const std::string& what) {
    sql_client admin = cluster::get().admin();
    for (;;) {
      std::string process = admin.ask("SELECT pid FROM pg_stat_activity WHERE datname = '" +
                                      database_.name() + "' AND wait_event = '" + what + "'");
      if (!process.empty()) return process;
      std::this_thread::yield();
    }
  }
  /// Returns once no session of the database waits for a standby.
  void wait_for_the_end_of_waits() {
    sql_client admin = cluster::get().admin();
    while (admin.ask("SELECT count(*) FROM pg_stat_activity WHERE datname = '" + database_.name() +
                     "' AND wait_event = 'SyncRep'") != "0") {
      std::this_thread::yield();
    }
  }
  std::vector<std::string> notices() {
    const std::lock_guard lock{mutex_};
    return notices_;
  }

  database database_;
  std::string id_;

 private:
  std::mutex mutex_;
  std::vector<std::string> notices_;
};

/// A setting of the whole server, until this goes.
class server_setting {
 public:
  server_setting(std::string name, const std::string& value) : name_(std::move(name)) {
    set("ALTER SYSTEM SET " + name_ + " = " + value, value);
  }
  ~server_setting() { reset(); }
  server_setting(const server_setting&) = delete;
  server_setting& operator=(const server_setting&) = delete;

  void reset() {
    if (!std::exchange(reset_, true)) set("ALTER SYSTEM RESET " + name_, {});
  }

 private:
  /// Returns once a new session has it.
  void set(const std::string& how, const std::string& value) {
    const std::string before = now();
    cluster::get().admin().ask(how);
    cluster::get().admin().ask("SELECT pg_reload_conf()");
    while (value.empty() ? now() == before : "'" + now() + "'" != value && now() != value) {
      std::this_thread::yield();
    }
  }
  std::string now() { return cluster::get().admin().ask("SHOW " + name_); }

  const std::string name_;
  bool reset_ = false;
};

}  // namespace factord::storage::testing

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/engine/engine.hpp"
#include "storage/postgres/commit_requests.hpp"
#include "storage/postgres/head_latch.hpp"

namespace factord::simulation {

struct event_row {
  std::string user_id;
  std::string value;
  std::optional<std::string> attempt;
};

/// What one transaction changes.
struct row_changes {
  std::optional<storage::loaded_head> head;
  std::map<std::string, std::optional<std::string>, std::less<>> states;
  std::map<std::uint64_t, event_row> events;
};

/// The tables of a store in a database (storage/postgres/statements.hpp), at one point of its
/// write-ahead log.
class database_tables {
 public:
  database_tables() = default;
  /// As a copy of another store.
  explicit database_tables(const storage::log_source& from);

  void apply(const row_changes& changes);

  [[nodiscard]] const storage::loaded_head& head() const noexcept { return head_; }
  [[nodiscard]] const event_row* event(std::uint64_t sequence) const;
  [[nodiscard]] const std::string* state(std::string_view key) const;
  /// Whether this event is, or was, the end of this log.
  [[nodiscard]] bool holds(const storage::head_latch::point& end) const;

  // As the readers of log_source.
  [[nodiscard]] storage::states_answer states_of(std::span<const std::string> keys) const;
  [[nodiscard]] storage::events_answer events_after(std::uint64_t after, std::size_t limit) const;
  [[nodiscard]] storage::events_answer user_events_after(std::string_view user, std::uint64_t after,
                                                         std::size_t limit) const;
  [[nodiscard]] storage::events_answer last_user_event(std::string_view user) const;
  [[nodiscard]] std::vector<storage::key_value> states_between(std::string_view prefix,
                                                               std::string_view after,
                                                               std::size_t limit) const;
  /// From one key on, above another, and below a third if there is one.
  [[nodiscard]] std::vector<storage::key_value> states_in_range(
      std::string_view from, std::string_view above, std::optional<std::string_view> below,
      std::size_t limit) const;
  [[nodiscard]] std::vector<std::string> user_event_keys_after(std::string_view after,
                                                               std::size_t limit) const;

 private:
  storage::loaded_head head_;
  std::map<std::string, std::string, std::less<>> states_;
  std::map<std::uint64_t, event_row> events_;
  std::map<std::string, std::uint64_t, std::less<>> by_user_;  ///< sequences by user_events keys
};

/// Reads such tables: those that look() leads to.
template <class Source>
class table_reader : public Source {
 public:
  template <class T>
  using callback = storage::log_source::callback<T>;

  void read_states(std::span<const std::string> keys,
                   callback<storage::states_answer> done) const override {
    answer(done, [&](const database_tables& in) { return in.states_of(keys); });
  }
  void read_events(std::uint64_t after, std::size_t limit,
                   callback<storage::events_answer> done) const override {
    answer(done, [&](const database_tables& in) { return in.events_after(after, limit); });
  }
  void read_user_events(std::string_view user, std::uint64_t after, std::size_t limit,
                        callback<storage::events_answer> done) const override {
    answer(done,
           [&](const database_tables& in) { return in.user_events_after(user, after, limit); });
  }
  void read_last_user_event(std::string_view user,
                            callback<storage::events_answer> done) const override {
    answer(done, [&](const database_tables& in) { return in.last_user_event(user); });
  }
  void scan_states(std::string_view prefix, std::string_view after, std::size_t limit,
                   callback<std::vector<storage::key_value>> done) const override {
    answer(done,
           [&](const database_tables& in) { return in.states_between(prefix, after, limit); });
  }
  void scan_user_events(std::string_view after, std::size_t limit,
                        callback<std::vector<std::string>> done) const override {
    answer(done, [&](const database_tables& in) { return in.user_event_keys_after(after, limit); });
  }
  void stop() override {}

 private:
  [[nodiscard]] virtual result<const database_tables*> look() const = 0;

  template <class T, class Read>
  void answer(const callback<T>& done, const Read& read) const {
    const auto there = look();
    there ? done(read(**there)) : done(there.error());
  }
};

}  // namespace factord::simulation

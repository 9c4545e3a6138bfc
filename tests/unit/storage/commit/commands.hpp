#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/commit/command.hpp"
#include "storage/commit/commit_queue.hpp"
#include "storage/engine/wait_for.hpp"
#include "storage/model/event.hpp"

namespace factord::storage::testing {

/// An event of this type and user, of org "org1", made by "admin".
[[nodiscard]] event_record event_of(event_type type, std::string_view user_id);
/// user.human.added with a username, profile and email derived from the id.
[[nodiscard]] event_record human_added(std::string_view user_id);
[[nodiscard]] event_record human_added(std::string_view user_id, std::string_view username);
/// user.pat.added and .removed of the token with this hash.
[[nodiscard]] event_record token_event(event_type type, std::string_view user_id,
                                       std::string_view token_hash);

/// The event with the key of a retry, whose hash is 32 times this byte; it ends so many others.
[[nodiscard]] event_record with_retry(event_record event, char key, std::int64_t ends_at,
                                      std::uint32_t ended = 0);

/// A command that remembers how it ended.
class test_command : public command {
 public:
  using command::command;
  void finish(commit_outcome ended) noexcept override { outcome = ended; }
  [[nodiscard]] std::size_t size_bytes() const noexcept override { return size; }

  std::size_t size = 100;
  std::optional<commit_outcome> outcome;
};

/// Appends events as they are.
class append_events final : public test_command {
 public:
  explicit append_events(std::vector<event_record> events, std::uint32_t shard = 0)
      : test_command(shard), events_(std::move(events)) {}
  void list_keys(state_table& table) const override;
  void list_more_keys(state_table& table, const log_head& head) const override;
  void decide(const state_table& states, const decision_times& at, event_sink& events) override;

  std::vector<std::uint64_t> sequences;
  decision_times decided_at{};

 private:
  std::vector<event_record> events_;
};

/// Removes the user's factor if it is there: the main job, without its permissions.
class take_factor final : public test_command {
 public:
  explicit take_factor(std::string user_id, std::uint32_t shard = 0)
      : test_command(shard), user_id_(std::move(user_id)) {}
  void list_keys(state_table& table) const override;
  void decide(const state_table& states, const decision_times& at, event_sink& events) override;

  bool taken = false;

 private:
  std::string user_id_;
};

/// Commits the events as one batch, with `now` as its time, through a queue of its own.
[[nodiscard]] result<void> append_all(engine& store, std::vector<event_record> events,
                                      timestamp now = from_micros(1'000'000));

/// What a reader of an engine gave: `read<T>([&](auto done) { ... })`.
template <class T, class Reader>
[[nodiscard]] T read(const Reader& reader) {
  return wait_for<T>(reader).value();
}

/// Every state of the store, in key order; without meta.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> all_states(const log_source& store);

}  // namespace factord::storage::testing

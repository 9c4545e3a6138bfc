#include <algorithm>
#include <optional>
#include <vector>

#include "storage/audit/verify_pass.hpp"
#include "storage/engine/pages.hpp"
#include "storage/model/event_value.hpp"
#include "storage/model/evolve.hpp"
#include "storage/model/keys.hpp"
#include "storage/model/records.pb.h"
#include "storage/model/username_holders.hpp"

namespace factord::storage {

namespace {

constexpr std::size_t index_page_size = 1000;
constexpr std::size_t compared_at_once = 1000;

/// Reads events by number. Users who came one after the other have neighbouring events, and the
/// index gives them in that order: so it reads ahead where it is asked for neighbours, and
/// remembers that page while it looks up a single event elsewhere.
class event_reader {
 public:
  explicit event_reader(const log_source& store) : store_(store) {}

  /// The value of an event, or nothing where there is none. Valid until the next call.
  [[nodiscard]] result<std::optional<std::string_view>> at(std::uint64_t sequence) {
    if (const auto known = find(page_, sequence)) return known;
    const bool neighbour = sequence == page_end_ + 1 || sequence == single_end_ + 1;
    std::vector<stored_event>& target = neighbour ? page_ : single_;
    const auto answer = wait_for<events_answer>([&](auto done) {
      store_.read_events(sequence - 1, neighbour ? page_size : 1, std::move(done));
    });
    if (!answer) return answer.error();
    target = answer->events;
    (neighbour ? page_end_ : single_end_) = target.empty() ? sequence : target.back().sequence;
    return find(target, sequence);
  }

 private:
  static constexpr std::size_t page_size = 256;

  static std::optional<std::string_view> find(const std::vector<stored_event>& events,
                                              std::uint64_t sequence) {
    const auto found = std::lower_bound(
        events.begin(), events.end(), sequence,
        [](const stored_event& event, std::uint64_t wanted) { return event.sequence < wanted; });
    if (found == events.end() || found->sequence != sequence) return std::nullopt;
    return found->value;
  }

  const log_source& store_;
  std::vector<stored_event> page_;
  std::uint64_t page_end_ = 0;
  std::vector<stored_event> single_;
  std::uint64_t single_end_ = 0;
};

/// Replays one user after the other, and compares what comes out with the store.
class user_replay {
 public:
  user_replay(const log_source& store, findings& found)
      : store_(store), found_(found), events_(store) {}

  /// The next entry of the index.
  [[nodiscard]] result<void> add(std::string_view key) {
    const user_event_key entry = split_user_event_key(key);
    if (entry.sequence == 0) {
      found_.problem("index key " + printable(key) + " is none");
      return {};
    }
    if (entry.user_id != user_id_) {
      end_of_user();
      user_id_ = entry.user_id;
    }
    const auto value = events_.at(entry.sequence);
    if (!value) return value.error();
    if (*value) {
      replay(entry.sequence, **value);
    } else {
      problem(entry.sequence, "is in the index of user " + printable(user_id_) + " only");
    }
    if (compared_.size() < compared_at_once) return {};
    return compare();
  }

  [[nodiscard]] result<void> finish() {
    end_of_user();
    if (const auto compared = compare(); !compared) return compared;
    for (const reappeared& one : reappeared_) {
      const auto made = is_made_by_its_owner(one);
      if (!made) return made.error();
      if (!*made) state_problem(one.key, " is there, though replay removes it");
    }
    return {};
  }

 private:
  /// A token's text or id that is there, though the history of a user ended it.
  struct reappeared {
    std::string key;
    std::string stored;
  };

  void state_problem(const std::string& key, std::string_view what) {
    found_.problem("state " + printable(key) + std::string{what});
  }

  void problem(std::uint64_t sequence, const std::string& what) {
    found_.problem("event " + std::to_string(sequence) + " " + what);
  }

  void replay(std::uint64_t sequence, std::string_view value) {
    const auto parts = split_event_value(sequence, value);
    // What does not parse was a finding of verify_log.
    if (!parts || !parse_event_record(sequence, parts->record, record_)) return;
    if (record_.user_id() != user_id_) {
      return problem(sequence, "is of user " + printable(record_.user_id()) +
                                   ", but in the index of user " + printable(user_id_));
    }
    list_evolve_keys(record_, table_, store_.format());
    list_freed_keys(record_, table_, store_.format());
    evolve(record_, table_, store_.format());
  }

  void end_of_user() {
    for (std::size_t i = 0; i < table_.size(); ++i) {
      keys_.emplace_back(table_.key(i));
      const auto record = table_.record(i);
      compared_.push_back(record ? std::optional<std::string>{*record} : std::nullopt);
      std::uint64_t* const count = found_.expected.of(table_.key(i));
      if (record && count != nullptr) ++*count;
    }
    table_.clear();
  }

  result<void> compare() {
    const auto stored =
        wait_for<states_answer>([this](auto done) { store_.read_states(keys_, std::move(done)); });
    if (!stored) return stored.error();
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      compare(keys_[i], compared_[i], stored->records[i]);
    }
    keys_.clear();
    compared_.clear();
    return {};
  }

  void compare(const std::string& key, const std::optional<std::string>& replayed,
               const std::optional<std::string>& stored) {
    if (replayed == stored) return;
    // A name that one user gave up may be another's by now; verify_counts finds one that is
    // nobody's.
    if (key.front() == static_cast<char>(key_kind::username)) {
      if (!replayed) return;
      // And one that several have is each one's, as far as its own history tells.
      if (stored && holds_all(*stored, *replayed)) return;
    }
    const bool of_token = key.front() == static_cast<char>(key_kind::token) ||
                          key.front() == static_cast<char>(key_kind::token_id);
    if (of_token && !replayed) return reappeared_.push_back({key, *stored});
    state_problem(key, !stored     ? " is missing"
                       : !replayed ? " is there, though replay removes it"
                                   : " is not what replay gives");
  }

  // A bootstrap token keeps its id, and may its text, when it becomes another user's: then that
  // one's history makes it.
  result<bool> is_made_by_its_owner(const reappeared& one) {
    const auto owner = owner_of(one);
    if (!owner) return owner.error();
    if (owner->empty()) return false;
    if (const auto replayed = replay_alone(*owner); !replayed) return replayed.error();
    const auto at = table_.find(one.key);
    const bool made = at && table_.record(*at) == one.stored;
    table_.clear();
    return made;
  }

  // Whose token it is by its record; empty where there is none.
  result<std::string> owner_of(const reappeared& one) const {
    token_record token;
    if (one.key.front() == static_cast<char>(key_kind::token))
      return token.ParseFromString(one.stored) ? token.subject() : std::string{};
    std::vector<std::string> keys(1);
    set_token_key(keys[0], one.stored);
    const auto read =
        wait_for<states_answer>([&](auto done) { store_.read_states(keys, std::move(done)); });
    if (!read) return read.error();
    const auto& record = read->records[0];
    return record && token.ParseFromString(*record) ? token.subject() : std::string{};
  }

  result<void> replay_alone(const std::string& user) {
    user_id_ = user;
    for (std::uint64_t after = 0;;) {
      const auto page = wait_for<events_answer>([&](auto done) {
        store_.read_user_events(user, after, index_page_size, std::move(done));
      });
      if (!page) return page.error();
      if (page->events.empty()) return {};
      for (const stored_event& event : page->events) replay(event.sequence, event.value);
      after = page->events.back().sequence;
    }
  }

  const log_source& store_;
  findings& found_;
  event_reader events_;
  std::string user_id_;
  state_table table_;
  event_record record_;
  std::vector<std::string> keys_;                     ///< of finished users, not yet compared
  std::vector<std::optional<std::string>> compared_;  ///< what replay gave for each
  std::vector<reappeared> reappeared_;
};

}  // namespace

result<void> verify_users(const log_source& store, findings& found) {
  user_replay users{store, found};
  const std::uint64_t total = found.report.head.sequence;
  std::uint64_t entries = 0;
  const auto walked = for_each_page<std::string>(
      [&](std::string_view after, auto done) {
        store.scan_user_events(after, index_page_size, std::move(done));
      },
      [&](const std::vector<std::string>& page) -> result<void> {
        for (const std::string& key : page) {
          if (const auto added = users.add(key); !added) return added.error();
        }
        entries += page.size();
        found.show("users", entries, total);
        return {};
      });
  if (!walked) return walked;
  // Each entry names another event, so equal numbers mean that every event is in the index.
  if (entries != total) {
    found.problem("the index has " + std::to_string(entries) + " entries for " +
                  std::to_string(total) + " events");
  }
  return users.finish();
}

}  // namespace factord::storage

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factord::storage {

/// The states that one batch works on: what was loaded, with what its events changed laid over it.
/// Commands ask for keys (`want`), an engine fills them (`set_loaded`), `decide` reads, `evolve`
/// writes, and an engine commits the changes. Memory is kept between batches. One thread.
class state_table {
 public:
  /// Forgets all entries, keeps the memory.
  void clear();

  /// Asks for a key. Asking twice is one entry.
  void want(std::string_view key);

  /// The record now, or nothing where there is none. The key must have been wanted or written
  /// (checked): a command that reads what it did not list is a bug. Valid until the next change of
  /// that key, or clear().
  [[nodiscard]] std::optional<std::string_view> get(std::string_view key) const;

  /// Of keys that are stored (checked).
  void put(std::string_view key, std::string_view record);
  void erase(std::string_view key);

  /// True where somebody wants the last event of a user (key_kind::last_event).
  [[nodiscard]] bool wants_last_events() const noexcept { return wants_last_events_; }
  /// How many keys of retries are wanted (key_kind::retry).
  [[nodiscard]] std::size_t retries_wanted() const noexcept { return retries_wanted_; }
  /// An event of the batch is now the last one of that key's user: nothing where nobody wants it.
  /// It follows from the event, so it is no change.
  void follow(std::string_view last_event_key, std::uint64_t sequence);

  /// For engines: entries in the order they were first named, [0, size()).
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::string_view key(std::size_t index) const { return entries_[index].key; }
  /// Where the entry of a key is, if it has one.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view key) const;
  void set_loaded(std::size_t index, std::optional<std::string_view> record);
  /// True where put or erase was called since clear().
  [[nodiscard]] bool changed(std::size_t index) const { return entries_[index].changed; }
  [[nodiscard]] std::optional<std::string_view> record(std::size_t index) const;
  /// Whether the store had a record when it was loaded; nothing where it was not.
  [[nodiscard]] std::optional<bool> was_there(std::size_t index) const {
    return entries_[index].was_there;
  }

 private:
  struct entry {
    std::string key;
    std::string record;
    std::size_t slot = 0;  ///< where index_ names it
    bool present = false;
    bool changed = false;
    std::optional<bool> was_there;
  };

  [[nodiscard]] std::size_t slot_of(std::string_view key) const;
  entry& find_or_add(std::string_view key);
  void grow_index();

  /// The first size_ are in use, the rest keep their memory. A deque, because views into an entry
  /// outlive the adding of others.
  std::deque<entry> entries_;
  std::size_t size_ = 0;
  bool wants_last_events_ = false;
  std::size_t retries_wanted_ = 0;
  std::vector<std::uint32_t> index_;  ///< open addressing: position + 1 in entries_, 0 is empty
};

}  // namespace factord::storage

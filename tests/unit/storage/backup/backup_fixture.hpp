#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "storage/backup/backup_reader.hpp"
#include "tests/unit/storage/commit/commands.hpp"
#include "tests/unit/storage/engine/engines.hpp"

namespace factord::storage::testing {

/// Progress of a backup that nobody ends.
inline bool go_on(std::uint64_t, std::uint64_t) { return true; }

inline log_head head_of(const log_source& store) {
  return read<events_answer>([&](auto done) { store.read_events(0, 0, std::move(done)); }).head;
}

inline std::set<std::string> names_in(const std::filesystem::path& dir) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator{dir})
    names.insert(entry.path().filename());
  return names;
}

/// A store with an event, and a place beside it for its backups.
class backups : public ::testing::Test {
 protected:
  backups() { add(1); }

  void add(int users, engine* into = nullptr) {
    std::vector<event_record> events;
    for (int i = 0; i < users; ++i) events.push_back(human_added(std::to_string(++users_)));
    ASSERT_TRUE(append_all(into != nullptr ? *into : store_.get(), events));
  }

  /// So that the log is on tables, as after any restart.
  void reopen() { ASSERT_FALSE(store_.open()); }

  [[nodiscard]] backup_entry back_up() {
    auto made = store_.get().back_up(dest_, go_on);
    if (!made) throw std::runtime_error{made.error().message};
    return *made;
  }

  [[nodiscard]] backup_reader read() const {
    auto opened = backup_reader::open(dest_);
    if (!opened) throw std::runtime_error{opened.error().message};
    return *std::move(opened);
  }

  const temp_directory parent_;
  const std::filesystem::path dest_ = parent_.path() / "backups";
  int users_ = 0;
  store_on_disk store_;
};

}  // namespace factord::storage::testing

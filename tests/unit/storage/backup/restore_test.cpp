#include "storage/backup/restore.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <functional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "storage/audit/verify.hpp"
#include "storage/rocksdb/backup_directory.hpp"
#include "storage/rocksdb/backup_writer.hpp"
#include "storage/rocksdb/data_directory.hpp"
#include "storage/rocksdb/database.hpp"
#include "tests/unit/storage/commit/commands.hpp"
#include "tests/unit/storage/engine/engines.hpp"
#include "tests/unit/storage/rocksdb/raw_store.hpp"

namespace factord::storage::restore_test {
namespace {

namespace fs = std::filesystem;

using testing::all_states;
using testing::append_all;
using testing::event_of;
using testing::human_added;
using testing::store_on_disk;
using testing::token_event;

void nobody_asks(std::string_view, std::uint64_t, std::uint64_t) {}

class restoring : public ::testing::Test {
 protected:
  restoring() {
    using enum event_type;
    EXPECT_TRUE(
        append_all(store_.get(), {testing::human_added("a"), event_of(otp_email_added, "a")}));
    EXPECT_TRUE(append_all(store_.get(), {token_event(token_added, "a", std::string(32, 't'))}));
    EXPECT_TRUE(append_all(store_.get(), {event_of(otp_email_removed, "a")}));
    EXPECT_TRUE(store_.get().back_up(backups_, [](auto, auto) { return true; }));
  }

  /// Has in backups_ only one of the store as another program would have left it.
  void back_up_changed(const std::function<void(testing::raw_store& store)>& change) {
    const std::string id = store_.get().store_id();
    state_table nothing;
    const log_head head = store_.get().load(nothing).value();
    store_.close();
    {
      testing::raw_store store{store_.files()};
      change(store);
    }
    fs::remove_all(backups_);
    const auto files = held_directory::open(store_.files()).value();
    const auto database = rocksdb_database::open(files, store_.options).value();
    const auto into = backup_directory::make(backups_, store_.dir());
    ASSERT_TRUE(into);
    ASSERT_TRUE(write_backup(*database, id, head, backups_, [](auto, auto) { return true; }));
  }

  result<restore_report> restore_with(const restore_request& request) {
    auto reader = backup_reader::open(backups_);
    if (!reader) return reader.error();
    return restore(*reader, request, target_, nobody_asks);
  }

  void expect_refused(const restore_request& request, errc code, std::string_view naming) {
    const auto report = restore_with(request);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, code) << report.error().message;
    EXPECT_NE(report.error().message.find(naming), std::string::npos) << report.error().message;
  }

  /// Opens what was restored, as a server would.
  [[nodiscard]] std::unique_ptr<engine> open_target() {
    lock_.emplace(directory_lock::take(target_).value());
    return open_store(target_, *lock_, {}).value();
  }

  const temp_directory parent_;
  const fs::path backups_ = parent_.path() / "backups";
  const fs::path target_ = parent_.path() / "target";
  std::optional<directory_lock> lock_;
  store_on_disk store_;
};

TEST_F(restoring, makes_a_new_store_of_all_that_was_backed_up) {
  const auto report = restore_with({.tokens = live_tokens::keep});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->from.id, 1U);
  EXPECT_EQ(report->made.replayed, 4U);
  EXPECT_EQ(report->made.tokens_ended, 0U);
  EXPECT_NE(report->store_id, store_.get().store_id());
  struct stat status {};
  ASSERT_EQ(::stat(target_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
  EXPECT_FALSE(fs::exists(target_ / "restore.unfinished"));

  const auto restored = open_target();
  EXPECT_EQ(restored->store_id(), report->store_id);
  EXPECT_EQ(all_states(*restored), all_states(store_.get()));
  const auto checked = verify(*restored, nobody_asks);
  ASSERT_TRUE(checked);
  EXPECT_EQ(checked->problems, std::vector<std::string>{});
  EXPECT_EQ(checked->head.hash, report->made.head.hash);
  EXPECT_TRUE(append_all(*restored, {human_added("b")}));
}

TEST_F(restoring, ends_tokens_if_not_told_otherwise) {
  const auto report = restore_with({});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->made.replayed, 4U);
  EXPECT_EQ(report->made.tokens_ended, 1U);
  EXPECT_EQ(report->made.head.sequence, 5U);
}

TEST_F(restoring, to_a_sequence_of_the_backup_only) {
  expect_refused({.to_sequence = 0}, errc::bad_argument, "1 to 4");
  expect_refused({.to_sequence = 5}, errc::bad_argument, "1 to 4");
  EXPECT_FALSE(fs::exists(target_));
  for (const std::uint64_t last : {1U, 2U, 4U}) {
    const auto report = restore_with({.to_sequence = last, .tokens = live_tokens::keep});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->made.head.sequence, last);
    EXPECT_EQ(all_states(*open_target()).size(), last == 1 ? 2U : last == 2 ? 3U : 4U);
    lock_.reset();
    fs::remove_all(target_);
  }
}

TEST_F(restoring, what_came_while_a_backup_was_made_is_not_of_it) {
  // The label of the first, on the files of a longer log.
  ASSERT_TRUE(append_all(store_.get(), {human_added("later")}));
  ASSERT_TRUE(store_.get().back_up(backups_, [](auto, auto) { return true; }));
  const auto report = restore_with({.backup = 1, .tokens = live_tokens::keep});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->made.head.sequence, 4U);
}

TEST_F(restoring, of_a_store_of_format_1) {
  back_up_changed([](testing::raw_store& store) { store.make_format_1(); });
  const auto report = restore_with({.tokens = live_tokens::keep});
  ASSERT_TRUE(report) << report.error().message;
  const auto restored = open_target();
  EXPECT_EQ(all_states(*restored).size(), 4U) << "with the id of the token";
  EXPECT_TRUE(verify(*restored, {})->problems.empty());
}

TEST_F(restoring, takes_over_no_feature_that_it_does_not_know) {
  // What it says of the old store may be wrong of this one, which has another id and another log.
  back_up_changed([](testing::raw_store& store) {
    store.put(testing::raw_store::states, "mhint", "of the old store");
  });
  std::vector<std::string> notices;
  const auto report =
      restore_with({.notice = [&](std::string_view text) { notices.emplace_back(text); }});
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_NE(notices[0].find("'hint'"), std::string::npos) << notices[0];
  testing::raw_store made{store_path(target_)};
  EXPECT_THROW((void)made.get(testing::raw_store::states, "mhint"), std::runtime_error);
  EXPECT_EQ(made.get(testing::raw_store::states, "mformat"), "2");
}

TEST_F(restoring, of_a_store_with_a_feature_that_is_not_known_makes_nothing) {
  back_up_changed([](testing::raw_store& store) {
    store.put(testing::raw_store::states, "mformat", "2 outbox");
  });
  expect_refused({}, errc::wrong_format, "does not know 'outbox'");
  EXPECT_FALSE(fs::exists(target_));
}

TEST_F(restoring, into_a_directory_that_is_replaced_meanwhile_leaves_the_other_alone) {
  const fs::path moved = parent_.path() / "moved";
  const auto replace = [&](std::string_view step, std::uint64_t, std::uint64_t) {
    if (step != "events" || fs::exists(moved)) return;
    fs::rename(target_, moved);
    fs::create_directories(target_ / "restore.unfinished");
    std::ofstream{target_ / "restore.unfinished/file"} << "theirs";
  };
  const auto reader = backup_reader::open(backups_);
  ASSERT_TRUE(reader);
  const auto report = restore(*reader, {}, target_, replace);
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().message.find(target_.string() + " is not the directory in use"),
            std::string::npos)
      << report.error().message;
  EXPECT_TRUE(fs::exists(target_ / "restore.unfinished/file"));
  EXPECT_FALSE(fs::exists(store_path(target_)));
}

TEST_F(restoring, of_an_empty_store) {
  store_on_disk empty;
  const fs::path other = parent_.path() / "other";
  ASSERT_TRUE(empty.get().back_up(other, [](auto, auto) { return true; }));
  const auto reader = backup_reader::open(other);
  ASSERT_TRUE(reader);
  const auto report = restore(*reader, {}, target_, nobody_asks);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->made.head.sequence, 0U);
  EXPECT_TRUE(append_all(*open_target(), {human_added("b")}));
}

TEST_F(restoring, never_overwrites) {
  ASSERT_TRUE(restore_with({}));
  const auto id = open_target()->store_id();
  lock_.reset();
  expect_refused({}, errc::already_exists, "holds a store");
  EXPECT_EQ(open_target()->store_id(), id);
  expect_refused({}, errc::store_locked, "in use");
}

TEST_F(restoring, leaves_other_peoples_directories_alone) {
  fs::create_directory(target_);
  std::ofstream{target_ / "thesis.txt"} << "something";
  fs::create_directory(target_ / "restore.unfinished");
  std::ofstream{target_ / "restore.unfinished" / "mine"} << "something";
  expect_refused({}, errc::not_a_store, "thesis.txt");
  EXPECT_TRUE(fs::exists(target_ / "restore.unfinished" / "mine"));
}

TEST_F(restoring, what_a_crash_leaves_is_no_store_and_is_replaced) {
  ASSERT_TRUE(restore_with({}));
  fs::create_directory(target_ / "restore.unfinished");
  fs::rename(target_ / "store", target_ / "restore.unfinished" / "store");
  const auto refused = prepare_directory(target_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::not_a_store);
  EXPECT_NE(refused.error().message.find("not finished"), std::string::npos);
  ASSERT_TRUE(restore_with({}));
  EXPECT_EQ(all_states(*open_target()).size(), 2U);
}

TEST_F(restoring, nothing_is_left_after_a_failure) {
  for (const auto& entry : fs::directory_iterator{backups_ / "private" / "1"}) {
    if (entry.path().extension() != ".log") continue;
    std::fstream bytes{entry.path(), std::ios::in | std::ios::out | std::ios::binary};
    bytes.seekp(100);
    bytes.put('!');
  }
  expect_refused({}, errc::corruption, ".log");
  EXPECT_FALSE(fs::exists(target_));
  fs::create_directory(target_);
  expect_refused({}, errc::corruption, ".log");
  EXPECT_TRUE(fs::is_empty(target_));
}

}  // namespace
}  // namespace factord::storage::restore_test

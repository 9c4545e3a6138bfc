// Who asks the engine of a server for a range goes on at once: what may take long, the sort of a
// memtable above all, happens on the engine's thread.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "storage/model/keys.hpp"
#include "storage/rocksdb/memtable/memtable_sort.hpp"
#include "tests/unit/storage/commit/commands.hpp"
#include "tests/unit/storage/engine/engines.hpp"

namespace factord::storage::range_readers_test {
namespace {

using testing::append_all;
using testing::event_of;
using testing::human_added;
using testing::store_on_disk;

/// Where a callback came, and how many sorts that thread had made by then.
struct call_back {
  std::thread::id thread;
  std::uint64_t sorts = 0;
};

/// One of the readers, called with a callback that tells where it came.
struct reader_case {
  std::string name;
  std::function<void(const log_source& store, std::function<void()> told)> call;
  bool sorts = false;  ///< it needs all of a memtable in order
};

template <class T>
auto told_by(std::function<void()> told) {
  return [told = std::move(told)](result<T> answer) {
    EXPECT_TRUE(answer.has_value());
    told();
  };
}

const std::vector<reader_case> walks{
    {"events", [](const log_source& store,
                  auto told) { store.read_events(0, 1'000, told_by<events_answer>(told)); }},
    {"user_events",
     [](const log_source& store, auto told) {
       store.read_user_events("1", 0, 1'000, told_by<events_answer>(told));
     }},
    {"states",
     [](const log_source& store, auto told) {
       store.scan_states("i", {}, 1, told_by<std::vector<key_value>>(told));
     },
     true},
    {"index",
     [](const log_source& store, auto told) {
       store.scan_user_events({}, 1, told_by<std::vector<std::string>>(told));
     },
     true},
};

const std::vector<reader_case> look_ups{
    {"read_states",
     [](const log_source& store, auto told) {
       const std::vector<std::string> keys{"u1", "u2", "nothing"};
       store.read_states(keys, told_by<states_answer>(told));
     }},
    {"read_last_user_event",
     [](const log_source& store, auto told) {
       store.read_last_user_event("1", told_by<events_answer>(told));
     }},
};

/// Calls the reader once more after each write, which spoils what an earlier sort gave.
std::vector<call_back> call_after_writes(engine& store, const reader_case& reader) {
  std::vector<call_back> all;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(append_all(
        store, {event_of(event_type::locked, "1"), human_added("x" + std::to_string(i))}));
    std::promise<call_back> told;
    reader.call(store, [&told] {
      told.set_value({std::this_thread::get_id(), sorts_of_this_thread()});
    });
    all.push_back(told.get_future().get());
  }
  return all;
}

class range_readers : public ::testing::Test {
 protected:
  range_readers() { EXPECT_TRUE(append_all(store_.get(), {human_added("1"), human_added("2")})); }

  store_on_disk store_;
};

TEST_F(range_readers, walk_elsewhere) {
  for (const reader_case& walk : walks) {
    const std::uint64_t before = sorts_of_this_thread();
    const auto came = call_after_writes(store_.get(), walk);
    EXPECT_EQ(sorts_of_this_thread(), before) << walk.name << ": who asks sorts nothing";
    for (const call_back& one : came) {
      EXPECT_NE(one.thread, std::this_thread::get_id()) << walk.name;
      EXPECT_EQ(one.thread, came.front().thread) << walk.name;
    }
    // So that this test would see a sort where there is one.
    if (!walk.sorts) continue;
    EXPECT_GE(came.back().sorts, came.front().sorts + 2) << walk.name;
  }
}

TEST_F(range_readers, look_ups_sort_nothing_and_answer_at_once) {
  for (const reader_case& look_up : look_ups) {
    const std::uint64_t before = sorts_of_this_thread();
    for (const call_back& one : call_after_writes(store_.get(), look_up)) {
      EXPECT_EQ(one.thread, std::this_thread::get_id()) << look_up.name;
    }
    EXPECT_EQ(sorts_of_this_thread(), before) << look_up.name;
  }
}

TEST_F(range_readers, of_a_store_that_nobody_serves_answer_at_once) {
  ASSERT_FALSE(store_.open_read_only());
  for (const reader_case& walk : walks) {
    std::thread::id where;
    walk.call(store_.get(), [&where] { where = std::this_thread::get_id(); });
    EXPECT_EQ(where, std::this_thread::get_id()) << walk.name;
  }
}

TEST_F(range_readers, are_waited_for) {
  std::atomic<int> told{0};
  for (int i = 0; i < 50; ++i) {
    for (const reader_case& walk : walks) walk.call(store_.get(), [&told] { ++told; });
  }
  store_.get().stop();
  EXPECT_EQ(told.load(), 200);
}

TEST_F(range_readers, may_be_called_by_a_callback) {
  std::promise<std::size_t> read;
  store_.get().scan_states("u", {}, 10, [&](result<std::vector<key_value>> users) {
    store_.get().read_states({}, [&, found = users->size()](result<states_answer>) {
      store_.get().read_events(0, 1, [&, found](result<events_answer> events) {
        read.set_value(found + events->events.size());
      });
    });
  });
  EXPECT_EQ(read.get_future().get(), 3U);
}

TEST_F(range_readers, end_before_the_store_does) {
  std::atomic<int> told{0};
  for (int i = 0; i < 50; ++i) walks.back().call(store_.get(), [&told] { ++told; });
  store_.close();
  EXPECT_EQ(told.load(), 50);
}

}  // namespace
}  // namespace factord::storage::range_readers_test

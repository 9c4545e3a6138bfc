#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "storage/audit/replay.hpp"
#include "storage/audit/verify.hpp"
#include "storage/engine/memory_engine.hpp"
#include "storage/model/keys.hpp"
#include "storage/model/records.pb.h"
#include "tests/unit/storage/commit/commands.hpp"
#include "tests/unit/storage/engine/engines.hpp"
#include "tests/unit/storage/rocksdb/raw_store.hpp"

namespace factord::storage::verify_retries_test {
namespace {

using testing::event_of;
using testing::raw_store;
using testing::with_retry;

std::string key_of(char retry) {
  std::string key;
  set_retry_key(key, std::string(32, retry));
  return key;
}

std::string place_key(std::uint64_t place) {
  std::string key;
  set_retry_place_key(key, place);
  return key;
}

/// Six events with keys a, b, c, a again, d, e. The fifth ends the first two, so a's place and b.
class verify_retries : public ::testing::Test {
 protected:
  verify_retries() {
    fill({with_retry(event_of(event_type::otp_email_added, "1"), 'a', 10)});
    fill({with_retry(event_of(event_type::locked, "2"), 'b', 10), event_of(event_type::locked, "3"),
          with_retry(event_of(event_type::unlocked, "2"), 'c', 99)});
    fill({with_retry(event_of(event_type::locked, "2"), 'a', 99)});
    fill({with_retry(event_of(event_type::unlocked, "2"), 'd', 99, 2),
          with_retry(event_of(event_type::locked, "2"), 'e', 99)});
  }

  void fill(std::vector<event_record> some) {
    if (!testing::append_all(store_.get(), std::move(some))) throw std::runtime_error{"append"};
  }

  std::string problems() {
    if (const auto failure = store_.open_read_only()) throw std::runtime_error{failure->message};
    std::string all;
    for (const std::string& problem : verify(store_.get(), {}).value().problems) {
      all += problem + "\n";
    }
    return all;
  }

  void break_it(const std::function<void(raw_store&)>& how) {
    store_.close();
    raw_store raw{store_.files()};
    how(raw);
  }

  testing::store_on_disk store_;
};

TEST_F(verify_retries, a_sound_store_has_no_problem) { EXPECT_EQ(problems(), ""); }

TEST_F(verify_retries, nor_has_one_that_is_replayed) {
  memory_engine copy{"copy"};
  const replay_plan plan{.last = 7, .known = 7};
  const auto done = replay(store_.get(), plan, copy, [](auto, auto) {});
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(verify(copy, {}).value().problems, std::vector<std::string>{});
  EXPECT_EQ(testing::all_states(copy), testing::all_states(store_.get()));
}

TEST_F(verify_retries, many_span_pages) {
  for (int batch = 0; batch < 7; ++batch) {
    std::vector<event_record> some;
    for (int i = 0; i < 200; ++i) {
      event_record event = with_retry(event_of(event_type::locked, "2"), 'x', 99, 1);
      event.mutable_private_part()->set_retry_key("key " + std::to_string(batch * 200 + i));
      some.push_back(event);
    }
    fill(some);
  }
  EXPECT_EQ(problems(), "");
}

struct damage {
  std::string name;
  std::function<void(raw_store&)> how;
  std::string problem;  ///< part of one that must be found
};

class verify_finds_retries : public verify_retries, public ::testing::WithParamInterface<damage> {};

TEST_P(verify_finds_retries, it) {
  break_it(GetParam().how);
  const std::string all = problems();
  EXPECT_NE(all.find(GetParam().problem), std::string::npos) << "found only: " << all;
}

const std::vector<damage> damages{
    {"a_record_lost", [](raw_store& raw) { raw.erase(raw_store::states, key_of('c')); },
     "state kcccc"},
    {"a_record_edited",
     [](raw_store& raw) {
       raw.put(raw_store::states, key_of('c'), raw.get(raw_store::states, key_of('e')));
     },
     "4 retries are stored, replay gives 3"},
    {"a_record_of_another_event",
     [](raw_store& raw) {
       retry_record record;
       ASSERT_TRUE(record.ParseFromString(raw.get(raw_store::states, key_of('c'))));
       record.set_sequence(1);
       raw.put(raw_store::states, key_of('c'), record.SerializeAsString());
     },
     "is not what replay gives"},
    {"a_record_that_is_none",
     [](raw_store& raw) { raw.put(raw_store::states, key_of('c'), "\xFF"); },
     "is not what replay gives"},
    {"an_ended_record_back",
     [](raw_store& raw) {
       raw.put(raw_store::states, key_of('b'), raw.get(raw_store::states, key_of('c')));
     },
     "5 retries are stored, replay gives 4"},
    {"a_place_lost", [](raw_store& raw) { raw.erase(raw_store::states, place_key(3)); },
     "x03 is missing"},
    {"a_place_edited",
     [](raw_store& raw) {
       raw.put(raw_store::states, place_key(3), raw.get(raw_store::states, place_key(4)));
     },
     "x03 is not what replay gives"},
    {"an_empty_place_filled",
     [](raw_store& raw) {
       raw.put(raw_store::states, place_key(0), raw.get(raw_store::states, place_key(4)));
     },
     "5 places of retries are stored, replay gives 4"},
    {"the_queue_lost", [](raw_store& raw) { raw.erase(raw_store::states, "q"); },
     "state q is missing"},
    {"the_queue_edited",
     [](raw_store& raw) {
       retry_queue queue;
       queue.set_first(1);
       queue.set_next(6);
       raw.put(raw_store::states, "q", queue.SerializeAsString());
     },
     "state q is not what replay gives"},
    {"another_queue",
     [](raw_store& raw) { raw.put(raw_store::states, "qq", raw.get(raw_store::states, "q")); },
     "state qq is of no known kind"},
};

INSTANTIATE_TEST_SUITE_P(damages, verify_finds_retries, ::testing::ValuesIn(damages),
                         [](const auto& test) { return test.param.name; });

TEST(verify_without_retries, finds_a_queue_of_nothing) {
  testing::store_on_disk store;
  ASSERT_TRUE(testing::append_all(store.get(), {event_of(event_type::locked, "2")}));
  store.close();
  raw_store{store.files()}.put(raw_store::states, "q", "");
  ASSERT_FALSE(store.open_read_only());
  const auto problems = verify(store.get(), {}).value().problems;
  EXPECT_EQ(problems,
            (std::vector<std::string>{"state q is there, though no event has the key of a retry"}));
}

}  // namespace
}  // namespace factord::storage::verify_retries_test

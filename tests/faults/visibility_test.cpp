// What readers see is durable, in mode `disk`: a stream of events shows nothing that a power cut
// can take back.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/model/event.hpp"
#include "tests/faults/watched_files.hpp"
#include "tests/unit/storage/commit/commands.hpp"
#include "tests/unit/storage/engine/engines.hpp"

namespace factord::storage::visibility_test {
namespace {

/// Asks the store for its last event whenever its log is about to be synced.
class looks_at_syncs final : public testing::file_watcher {
 public:
  rocksdb::IOStatus allow(const testing::file_event& event) override {
    if (store != nullptr && event.act == testing::file_act::sync && event.name.ends_with(".log")) {
      seen.push_back(testing::read<events_answer>([this](auto done) {
                       store->read_events(0, 1'000, std::move(done));
                     }).events.size());
    }
    return rocksdb::IOStatus::OK();
  }
  void saw(const testing::file_event& /*event*/, bool /*ok*/) override {}

  const log_source* store = nullptr;
  std::vector<std::size_t> seen;
};

TEST(visibility, of_an_event_begins_once_it_is_synced) {
  testing::store_on_disk store;
  store.close();
  const auto watcher = std::make_shared<looks_at_syncs>();
  store.options.files = testing::watched_files(watcher);
  ASSERT_FALSE(store.open());
  watcher->store = &store.get();
  for (std::size_t before = 0; before < 5; ++before) {
    watcher->seen.clear();
    const auto event = testing::event_of(event_type::otp_email_added, std::to_string(before));
    ASSERT_TRUE(testing::append_all(store.get(), {event}));
    EXPECT_EQ(watcher->seen, std::vector<std::size_t>{before}) << "one sync, of what nobody saw";
  }
  watcher->store = nullptr;
}

}  // namespace
}  // namespace factord::storage::visibility_test

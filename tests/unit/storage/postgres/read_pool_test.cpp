#include "storage/postgres/read_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "storage/postgres/connection_io.hpp"

namespace factord::storage::read_pool_test {
namespace {

/// Nobody answers those who connect: it takes all of their time, and more than that of who waits.
class silent_database {
 public:
  result<std::unique_ptr<postgres_connection>> connect(postgres_connection::time by) {
    ++connects;
    all_asked.get_future().wait();
    std::this_thread::sleep_until(by);
    return error{errc::unavailable, "no connection in time"};
  }

  std::atomic<unsigned> connects = 0;
  std::promise<void> all_asked;
};

TEST(read_pool, who_has_waited_for_others_long_enough_waits_no_longer) {
  session_rules rules;
  rules.read_time = std::chrono::milliseconds{1};
  head_latch latch;
  primary_watch watch{rules.lease_time};
  silent_database database;
  std::atomic<unsigned> unavailable = 0;
  {
    const auto session = [&] {
      return std::make_unique<read_session>(
          rules, latch, watch, std::make_unique<connection_io>([&](session_io::time by) {
            return database.connect(by);
          }));
    };
    read_pool pool{rules, session(), session()};
    // More than share a round trip, several times.
    constexpr unsigned many = 300;
    for (unsigned i = 0; i < many; ++i) {
      read_job job{.which = sql::read_head};
      job.by = std::chrono::steady_clock::now() + rules.read_time;
      job.done = [&](const result<read_rows>& found) {
        if (!found && found.error().code == errc::unavailable) ++unavailable;
      };
      pool.ask(read_pool::line::look_ups, std::move(job));
    }
    std::this_thread::sleep_for(rules.read_time);
    database.all_asked.set_value();
    pool.wait();
    EXPECT_EQ(unavailable, many);
  }
  EXPECT_LE(database.connects, 1U) << "the others' time is over";
}

}  // namespace
}  // namespace factord::storage::read_pool_test

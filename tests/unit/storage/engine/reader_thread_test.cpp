#include "storage/engine/reader_thread.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <functional>
#include <latch>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

namespace factord::storage::reader_thread_test {
namespace {

TEST(reader_thread, does_jobs_in_their_order_on_a_thread_of_its_own) {
  reader_thread reader;
  std::vector<int> done;
  std::thread::id where;
  for (int i = 0; i < 100; ++i) {
    reader.run([&, i] {
      done.push_back(i);
      where = std::this_thread::get_id();
    });
  }
  reader.wait();
  std::vector<int> expected(100);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(done, expected);
  EXPECT_NE(where, std::this_thread::get_id());
  reader.wait();
}

TEST(reader_thread, who_asks_does_not_wait) {
  reader_thread reader;
  std::latch begun{1};
  std::latch may_end{1};
  bool ended = false;
  reader.run([&] {
    begun.count_down();
    may_end.wait();
    ended = true;
  });
  reader.run([] {});
  begun.wait();
  may_end.count_down();  // had run() waited, nobody would have come here
  reader.wait();
  EXPECT_TRUE(ended);
}

TEST(reader_thread, a_job_may_ask_for_more) {
  int done = 0;
  {
    reader_thread reader;
    reader.run([&] {
      ++done;
      reader.run([&] { ++done; });
    });
  }
  EXPECT_EQ(done, 2) << "it does what it was given before it ends";
}

TEST(reader_thread, who_waits_waits_for_what_a_job_asks_for_too) {
  constexpr int all = 10'000;
  reader_thread reader;
  std::atomic<int> done = 0;
  const std::function<void()> job = [&] {
    std::this_thread::yield();
    if (++done < all) reader.run(job);
  };
  reader.run(job);
  reader.wait();
  EXPECT_EQ(done.load(), all);
}

TEST(reader_thread, a_job_is_forgotten_before_it_counts_as_done) {
  reader_thread reader;
  auto held = std::make_shared<int>(1);
  const std::weak_ptr<int> watched = held;
  reader.run([held = std::move(held)] {});
  reader.wait();
  EXPECT_TRUE(watched.expired());
}

TEST(reader_thread, what_a_job_held_may_ask_for_more_as_it_goes) {
  bool asked = false;
  {
    reader_thread reader;
    const auto ask = [&](const int*) { reader.run([&] { asked = true; }); };
    reader.run([held = std::shared_ptr<int>(nullptr, ask)] {});
  }
  EXPECT_TRUE(asked);
}

TEST(reader_thread, takes_no_signals) {
  reader_thread reader;
  sigset_t blocked;
  ::sigemptyset(&blocked);
  reader.run([&] { ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked); });
  reader.wait();
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD}) {
    EXPECT_EQ(::sigismember(&blocked, signal), 1) << signal;
  }
  sigset_t mine;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &mine);
  EXPECT_EQ(::sigismember(&mine, SIGTERM), 0) << "and who makes it does";
}

}  // namespace
}  // namespace factord::storage::reader_thread_test

#include "server/net/mailbox.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>

namespace factord::net::mailbox_test {
namespace {

TEST(mailbox_test, only_the_first_letter_asks_for_a_wake_up) {
  mailbox<int> box;
  EXPECT_FALSE(box.put({}));
  EXPECT_TRUE(box.put(std::array{1, 2}));
  EXPECT_FALSE(box.put(std::array{3}));
  std::vector<int> taken = {9};
  box.take(taken);
  EXPECT_EQ(taken, (std::vector{1, 2, 3}));
  EXPECT_TRUE(box.put(std::array{4}));
  box.take(taken);
  EXPECT_EQ(taken, std::vector{4});
  box.take(taken);
  EXPECT_TRUE(taken.empty());
}

// Every letter arrives once and in its sender's order, and no wake-up is missing.
TEST(mailbox_test, many_senders) {
  constexpr int senders = 4;
  constexpr int letters = 5000;
  mailbox<int> box;
  std::atomic<int> wake_ups = 0;
  std::vector<std::thread> threads;
  for (int s = 0; s < senders; ++s) {
    threads.emplace_back([&box, &wake_ups, s] {
      for (int i = 0; i < letters; ++i) {
        if (box.put(std::array{s * letters + i})) wake_ups.fetch_add(1);
      }
    });
  }
  std::array<int, senders> next{};
  int answered_wake_ups = 0;
  int received = 0;
  std::vector<int> taken;
  while (received < senders * letters) {
    if (wake_ups.load() == answered_wake_ups) {
      std::this_thread::yield();
      continue;
    }
    ++answered_wake_ups;
    box.take(taken);
    for (const int letter : taken) {
      EXPECT_EQ(letter % letters, next[static_cast<std::size_t>(letter / letters)]++);
      ++received;
    }
  }
  for (std::thread& one : threads) one.join();
  EXPECT_EQ(received, senders * letters);
}

}  // namespace
}  // namespace factord::net::mailbox_test

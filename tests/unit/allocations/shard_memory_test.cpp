#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <new>
#include <string_view>
#include <thread>

#include "server/base/log.hpp"
#include "server/net/shard.hpp"
#include "server/protocol/api.hpp"
#include "storage/engine/memory_engine.hpp"
#include "tests/unit/allocations/counting_malloc.hpp"

namespace factord::net::shard_memory_test {
namespace {

using namespace std::chrono_literals;

// Runs it with its n-th allocation failing; false where it needed no more than n.
bool fails_at(std::uint64_t n, auto run) {
  fail_allocation(n);
  try {
    run();
  } catch (const std::bad_alloc&) {
    // Its caller would have gone on.
  }
  return !fail_no_allocation();
}

/// One shard on the test's own thread, in which any one allocation may fail.
class shard_memory_test : public ::testing::Test {
 protected:
  explicit shard_memory_test(std::size_t connections = 1000)
      : rooms_({connections, 1, 1}, buffers_) {
    bounds_.header_time = 10ms;
    log::set_sink([](log::level, std::string_view) { return true; });  // so that lines are made
    const shard_environment around{bounds_, api_, rooms_, buffers_, refusals_, bulk_lines_};
    shard_ = std::make_unique<shard>(0, around,
                                     service::environment{store_,
                                                          queue_,
                                                          token_epoch_,
                                                          tally_,
                                                          system_now,
                                                          std::chrono::steady_clock::now,
                                                          service::draw_secure_random,
                                                          system_now(),
                                                          {},
                                                          {},
                                                          nullptr});
  }

  ~shard_memory_test() override { log::set_sink({}); }

  // A connection to the shard: its end and ours.
  struct link {
    stream_socket theirs;
    int ours;
  };
  link connect() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
    return {stream_socket(shard_->context(), boost::asio::generic::stream_protocol(AF_UNIX, 0),
                          ends[0]),
            ends[1]};
  }

  // Whether our end is told so, within a few sweeps.
  bool ends(const link& one) {
    std::array<char, 4096> said;
    ssize_t got = -1;
    for (int i = 0; i < 5000 && got != 0; ++i) {
      shard_->context().restart();
      shard_->context().run_for(1ms);
      got = ::recv(one.ours, said.data(), said.size(), 0);
    }
    ::close(one.ours);
    return got == 0;
  }

  void adopt(link& one) { shard_->adopt(std::move(one.theirs), protocol::surface::api, nullptr); }

  // All that can be done now.
  void poll() {
    shard_->context().restart();
    shard_->context().poll();
  }

  limits bounds_;
  storage::memory_engine store_{"id"};
  storage::commit_queue queue_{store_, {}, {}, 1};
  readiness_state state_;
  service::counters tally_;
  service::newest_token_epoch token_epoch_;
  const protocol::api api_{{bounds_, state_, store_.mode(), {}}};
  budget buffers_{1U << 30U};
  surface_rooms rooms_;
  budget refusals_{1000};
  budget bulk_lines_{1000};
  std::unique_ptr<shard> shard_;
};

class full_shard_memory_test : public shard_memory_test {
 protected:
  full_shard_memory_test() : shard_memory_test(0) {}
};

TEST_F(full_shard_memory_test, a_refusal_gives_its_place_back_whatever_fails) {
  poll();
  std::uint64_t n = 0;
  for (bool failed = true; failed; ++n) {
    link one = connect();
    failed = fails_at(n, [&] {
      adopt(one);
      poll();
    });
    ::close(one.ours);
    for (int i = 0; i < 10; ++i) poll();
    ASSERT_EQ(refusals_.used(), 0U) << "allocation " << n;
  }
  EXPECT_GT(n, 3U);
}

TEST_F(shard_memory_test, a_connection_gives_its_place_back_whatever_fails) {
  poll();
  std::uint64_t n = 0;
  for (bool failed = true; failed; ++n) {
    link one = connect();
    failed = fails_at(n, [&] {
      adopt(one);
      poll();
    });
    ::close(one.ours);
    for (int i = 0; i < 10; ++i) poll();
    ASSERT_EQ(rooms_[protocol::surface::api].connections.used(), 0U) << "allocation " << n;
  }
  EXPECT_GT(n, 3U);
}

// What nghttp2 allocates is asked for by functions of C, and refused in its own way.
TEST_F(shard_memory_test, a_connection_of_http2_gives_its_place_back_whatever_fails) {
  using namespace std::string_view_literals;
  constexpr auto hello = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"sv;
  poll();
  std::uint64_t n = 0;
  for (bool failed = true; failed; ++n) {
    link one = connect();
    ASSERT_EQ(::send(one.ours, hello.data(), hello.size(), 0), std::ssize(hello));
    failed = fails_at(n, [&] {
      adopt(one);
      for (int i = 0; i < 10; ++i) poll();
    });
    ::close(one.ours);
    for (int i = 0; i < 10; ++i) poll();
    ASSERT_EQ(rooms_[protocol::surface::api].connections.used(), 0U) << "allocation " << n;
  }
  EXPECT_GT(n, 10U);
}

// The memory of all buffers is exceeded by another shard, so each sweep ends a connection of this
// one, and says so.
TEST_F(shard_memory_test, a_sweep_that_fails_is_not_the_last) {
  poll();
  buffers_.take(2U << 30U);
  std::uint64_t n = 0;
  for (bool failed = true; failed; ++n) {
    link one = connect();
    adopt(one);
    std::this_thread::sleep_for(bounds_.header_time);
    failed = fails_at(n, [this] { poll(); });
    ASSERT_TRUE(ends(one)) << "allocation " << n;
  }
  EXPECT_GT(n, 3U);
}

// An idle connection of HTTP/2 is told so by the sweep.
TEST_F(shard_memory_test, nor_is_one_that_has_no_memory_for_a_farewell) {
  using namespace std::string_view_literals;
  constexpr auto hello = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"sv;
  bounds_.idle_time = bounds_.header_time;
  poll();
  std::uint64_t n = 0;
  for (bool failed = true; failed; ++n) {
    link one = connect();
    ASSERT_EQ(::send(one.ours, hello.data(), hello.size(), 0), std::ssize(hello));
    adopt(one);
    for (int i = 0; i < 3; ++i) poll();
    std::this_thread::sleep_for(2 * bounds_.idle_time);
    failed = fails_at(n, [this] {
      for (int i = 0; i < 3; ++i) poll();
    });
    ASSERT_TRUE(ends(one)) << "allocation " << n;
  }
  EXPECT_GT(n, 1U);
}

}  // namespace
}  // namespace factord::net::shard_memory_test

#include "tools/factorload/http1_exchange.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace factord::load::http1_exchange_test {
namespace {

using namespace std::chrono_literals;

const exchange::time_point t0{1h};
constexpr std::string_view ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
constexpr std::string_view not_found = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
constexpr std::string_view last_one =
    "HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

class http1_exchange_test : public ::testing::Test {
 protected:
  void ask(operation what, exchange::time_point started) { talk_.ask({what, 0}, started); }

  exchange::state feed(std::string_view bytes, exchange::time_point now) {
    const auto space = talk_.input_space();
    EXPECT_GE(space.size(), bytes.size());
    std::copy(bytes.begin(), bytes.end(), space.begin());
    return talk_.received(bytes.size(), now, counts_);
  }

  std::uint64_t with_status(std::size_t status) const { return counts_.by_status[status]; }

  request_format format_{"h", "t", *id_range::make("1", 1)};
  http1_exchange talk_{format_, 3};
  tally counts_;
};

TEST_F(http1_exchange_test, has_room_up_to_its_depth) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(talk_.has_room());
    ask(operation::remove, t0);
  }
  EXPECT_FALSE(talk_.has_room());
  EXPECT_EQ(feed(ok, t0), exchange::state::open);
  EXPECT_TRUE(talk_.has_room());
  EXPECT_EQ(talk_.under_way(), 2U);
}

TEST_F(http1_exchange_test, keeps_output_until_it_was_sent) {
  EXPECT_EQ(talk_.output(), "");
  ask(operation::remove, t0);
  std::string expected;
  format_.append(expected, {operation::remove, 0});
  EXPECT_EQ(talk_.output(), expected);
  talk_.sent(10);
  ask(operation::add, t0);
  format_.append(expected, {operation::add, 0});
  EXPECT_EQ(talk_.output(), expected.substr(10));
  talk_.sent(expected.size() - 10);
  EXPECT_EQ(talk_.output(), "");
}

TEST_F(http1_exchange_test, matches_answers_in_order) {
  ask(operation::remove, t0);
  ask(operation::add, t0 + 1ms);
  ask(operation::remove, t0 + 2ms);
  std::string bytes{ok};
  bytes.append(ok).append(not_found);
  EXPECT_EQ(feed(bytes, t0 + 10ms), exchange::state::open);
  EXPECT_EQ(counts_.answers, 3U);
  EXPECT_EQ(with_status(200), 2U);
  EXPECT_EQ(with_status(404), 1U);
  EXPECT_EQ(counts_.succeeded[0], 1U);
  EXPECT_EQ(counts_.succeeded[1], 1U);
  EXPECT_EQ(counts_.latency[0].percentile(0), 8ms);
  EXPECT_EQ(counts_.latency[0].percentile(1), 10ms);
  EXPECT_EQ(counts_.latency[1].percentile(1), 9ms);
}

TEST_F(http1_exchange_test, joins_answers_at_every_split) {
  const std::string bytes = std::string{ok} + std::string{not_found};
  for (std::size_t split = 1; split < bytes.size(); ++split) {
    ask(operation::remove, t0);
    ask(operation::remove, t0);
    ASSERT_EQ(feed(bytes.substr(0, split), t0), exchange::state::open);
    ASSERT_EQ(feed(bytes.substr(split), t0), exchange::state::open);
    ASSERT_EQ(talk_.under_way(), 0U) << split;
  }
  EXPECT_EQ(with_status(200), bytes.size() - 1);
  EXPECT_EQ(with_status(404), bytes.size() - 1);
}

TEST_F(http1_exchange_test, makes_room_for_an_answer_longer_than_its_buffer) {
  const std::string body(40'000, 'x');
  const std::string bytes = "HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n\r\n" + body;
  ask(operation::remove, t0);
  for (std::string_view rest = bytes; !rest.empty();) {
    const auto space = talk_.input_space();
    ASSERT_FALSE(space.empty());
    const std::string_view piece = rest.substr(0, space.size());
    std::copy(piece.begin(), piece.end(), space.begin());
    ASSERT_EQ(talk_.received(piece.size(), t0, counts_), exchange::state::open);
    rest.remove_prefix(piece.size());
  }
  EXPECT_EQ(counts_.answers, 1U);
}

TEST_F(http1_exchange_test, ends_after_an_answer_that_says_so) {
  ask(operation::remove, t0);
  ask(operation::remove, t0);
  EXPECT_EQ(feed(last_one, t0), exchange::state::closing);
  EXPECT_EQ(with_status(503), 1U);
  EXPECT_EQ(talk_.under_way(), 1U);
}

TEST_F(http1_exchange_test, refuses_what_nobody_asked_for) {
  EXPECT_EQ(feed(ok, t0), exchange::state::malformed);
  EXPECT_EQ(counts_.answers, 0U);
}

TEST_F(http1_exchange_test, refuses_what_is_no_answer) {
  ask(operation::remove, t0);
  EXPECT_EQ(feed("what?\r\n\r\n", t0), exchange::state::malformed);
}

TEST_F(http1_exchange_test, forgets_all_for_a_new_connection) {
  ask(operation::remove, t0);
  ASSERT_EQ(feed("HTTP/1.1 2", t0), exchange::state::open);
  talk_.reset();
  EXPECT_EQ(talk_.under_way(), 0U);
  EXPECT_EQ(talk_.output(), "");
  ask(operation::remove, t0);
  EXPECT_EQ(feed(ok, t0), exchange::state::open);
  EXPECT_EQ(counts_.answers, 1U);
}

}  // namespace
}  // namespace factord::load::http1_exchange_test

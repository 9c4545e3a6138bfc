#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tools/factorload/pacer.hpp"
#include "tools/factorload/request_format.hpp"
#include "tools/factorload/request_source.hpp"

namespace factord::load::request_test {
namespace {

using namespace std::chrono_literals;

TEST(request_source, removes_each_id_once_over_all_shares) {
  const tools::scatter order{100};
  std::set<std::uint64_t> removed;
  for (std::uint64_t share = 0; share < 3; ++share) {
    request_source source{load_mode::remove, order, share, 3};
    while (const auto next = source.next()) {
      EXPECT_EQ(next->what, operation::remove);
      EXPECT_TRUE(removed.insert(next->id_index).second) << next->id_index;
    }
    EXPECT_FALSE(source.next());
  }
  EXPECT_EQ(removed.size(), 100U);
}

TEST(request_source, has_nothing_for_shares_beyond_the_ids) {
  request_source source{load_mode::remove, tools::scatter{2}, 2, 3};
  EXPECT_FALSE(source.next());
}

TEST(request_source, cycles_for_ever_removing_and_adding) {
  const tools::scatter order{5};
  request_source source{load_mode::cycle, order, 1, 2};  // positions 1 and 3
  for (int round = 0; round < 3; ++round) {
    for (const std::uint64_t position : {1U, 3U}) {
      for (const operation what : {operation::remove, operation::add}) {
        const auto next = source.next();
        ASSERT_TRUE(next);
        EXPECT_EQ(next->what, what);
        EXPECT_EQ(next->id_index, order.at(position));
      }
    }
  }
}

TEST(request_format, is_http) {
  const request_format format{"h:1", "secret", *id_range::make("007", 5)};
  std::string out;
  format.append(out, {operation::remove, 0});
  EXPECT_EQ(out,
            "DELETE /v2/users/007/otp_email HTTP/1.1\r\nHost: h:1\r\n"
            "Authorization: Bearer secret\r\n\r\n");
  out.clear();
  format.append(out, {operation::add, 4});
  EXPECT_EQ(out,
            "POST /v2/users/011/otp_email HTTP/1.1\r\nHost: h:1\r\n"
            "Authorization: Bearer secret\r\nContent-Length: 0\r\n\r\n");
}

TEST(pacer, is_even) {
  const pacer::time_point start{1h};
  const pacer pace{start, 1'000, 0, 1};
  EXPECT_EQ(pace.due(0), start);
  EXPECT_EQ(pace.due(1), start + 1ms);
  EXPECT_EQ(pace.due(1'500), start + 1500ms);
}

TEST(pacer, deals_out_to_threads_in_turn) {
  const pacer::time_point start{1h};
  const pacer second{start, 1'000, 1, 4};
  EXPECT_EQ(second.due(0), start + 1ms);
  EXPECT_EQ(second.due(1), start + 5ms);
}

TEST(pacer, adds_up_no_error) {
  const pacer::time_point start{1h};
  const pacer thirds{start, 3, 0, 1};
  EXPECT_EQ(thirds.due(1), start + 333'333'333ns);
  EXPECT_EQ(thirds.due(3'000'000), start + 1'000'000s);
  const pacer fast{start, 10'000'000, 63, 64};
  EXPECT_EQ(fast.due(10'000'000ULL * 86'400 / 64), start + 86'400s + 6'300ns);
}

}  // namespace
}  // namespace factord::load::request_test

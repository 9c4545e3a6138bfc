#include "server/service/walk_line.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

#include "server/service/call_pool.hpp"

namespace factord::service::walk_line_test {
namespace {

class walk_lines : public ::testing::Test {
 protected:
  /// A call of the connection in `slot` joins; its turn is noted as NAME, or -NAME where nobody
  /// wants it.
  void join(std::uint32_t slot, const std::string& name) {
    call& pending = works_.emplace_back(0);
    pending.way_back.slot = slot;
    line_.join(pending,
               [this, name](bool wanted) { turns_.push_back(wanted ? name : "-" + name); });
  }
  void end(std::size_t times) {
    for (; times > 0; --times) line_.ended();
  }

  std::vector<std::uint32_t> gone_;
  walk_line::question wanted_ = [this](const call& pending) {
    return std::ranges::find(gone_, pending.way_back.slot) == gone_.end();
  };
  walk_line line_{wanted_};
  std::deque<call> works_;
  std::vector<std::string> turns_;
};

TEST_F(walk_lines, begin_at_once_up_to_their_bound) {
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) join(1, name);
  EXPECT_EQ(turns_, (std::vector<std::string>{"a", "b", "c", "d"}));
  end(1);
  EXPECT_EQ(turns_.back(), "e");
  end(1);
  EXPECT_EQ(turns_.back(), "f");
  end(4);
  join(1, "g");
  EXPECT_EQ(turns_.back(), "g");
}

TEST_F(walk_lines, give_each_connection_its_turn) {
  for (int i = 0; i < 100; ++i) join(1, "many");
  join(2, "one");
  EXPECT_EQ(turns_.size(), walk_line::most_under_way);
  end(2);
  EXPECT_EQ(turns_.back(), "one") << "behind one of the many, not behind all";
}

TEST_F(walk_lines, do_not_begin_what_nobody_wants) {
  for (int i = 0; i < 4; ++i) join(1, "held");
  for (int i = 0; i < 3; ++i) join(2, "gone");
  join(3, "here");
  gone_ = {2};
  turns_.clear();
  end(1);
  EXPECT_EQ(turns_, (std::vector<std::string>{"-gone", "here"}));
  end(1);
  EXPECT_EQ(turns_, (std::vector<std::string>{"-gone", "here", "-gone", "-gone"}));
}

TEST(walk_line, may_end_within_its_turn) {
  const walk_line::question always;
  walk_line line(always);
  call pending(0);
  int turns = 0;
  for (int i = 0; i < 10; ++i) {
    line.join(pending, [&](bool wanted) {
      turns += wanted ? 1 : 0;
      line.ended();
    });
  }
  EXPECT_EQ(turns, 10);
}

TEST(call_pool, keeps_no_lists_of_calls_that_are_done) {
  call_pool calls(0);
  call& pending = calls.acquire();
  pending.out.page = std::make_shared<const event_page>();
  pending.out.tokens.resize(1'000);
  calls.release(pending);
  EXPECT_EQ(pending.out.page, nullptr);
  EXPECT_EQ(pending.out.tokens.capacity(), 0U);
}

}  // namespace
}  // namespace factord::service::walk_line_test

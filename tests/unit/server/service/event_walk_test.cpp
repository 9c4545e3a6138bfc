// Pages of the log that a filter narrows.

#include "server/service/event_walk.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/support/service_fixture.hpp"

namespace factord::service::event_walk_test {
namespace {

using storage::event_type;
using sequences = std::vector<std::uint64_t>;

constexpr std::chrono::seconds second{1};

event_filter times(std::optional<timestamp> from, std::optional<timestamp> to = std::nullopt) {
  event_filter made;
  made.from = from;
  made.to = to;
  return made;
}

event_filter by(std::vector<std::string> creators) {
  event_filter made;
  made.creators = std::move(creators);
  return made;
}

event_filter of(std::vector<std::string> orgs) {
  event_filter made;
  made.orgs = std::move(orgs);
  return made;
}

class event_walk_test : public service_fixture {
 protected:
  /// One page.
  const answer& page(const event_filter& filter, std::uint64_t after = 0, std::size_t limit = 100,
                     std::string_view user = {}) {
    call& pending = make(operation::list_events, admin(), user);
    pending.in.filter = filter;
    pending.in.after = after;
    pending.in.limit = limit;
    return ask(pending);
  }

  /// All of them, page by page as the answers say; counts the pages.
  sequences all(const event_filter& filter, std::size_t limit = 100, std::string_view user = {}) {
    sequences seen;
    std::uint64_t after = 0;
    for (pages_ = 1;; ++pages_) {
      const answer& told = page(filter, after, limit, user);
      EXPECT_EQ(told.code, status_code::ok);
      EXPECT_LE(told.log_page().sequences.size(), limit);
      seen.insert(seen.end(), told.log_page().sequences.begin(), told.log_page().sequences.end());
      if (told.next.empty()) return seen;
      EXPECT_GT(std::stoull(told.next), after);
      after = std::stoull(told.next);
    }
  }

  /// A log of so many events, a second between each; the first is at the start.
  void fill(std::size_t events) {
    admin();
    while (last_sequence() < events) {
      now_ += second;
      token("t", {role::iam_owner});
    }
  }

  static timestamp time_of(std::uint64_t sequence) {
    return start_time + static_cast<std::int64_t>(sequence - 1) * second;
  }

  int pages_ = 0;
};

TEST_F(event_walk_test, each_filter_holds_back_what_does_not_fit) {
  admin();
  add_user("u1", "org1");  // 2, 3, behind the token's
  now_ += second;
  add_factor("u1");                                             // 4
  const std::string other = token("other", {role::iam_owner});  // 5
  ask(operation::remove_otp_email, other, "u1");                // 6
  now_ += second;
  ask(operation::lock_user, other, "u1");  // 7
  add_user("u2", "org2");                  // 8, 9
  ASSERT_EQ(last_sequence(), 9U);

  event_filter filter;
  EXPECT_EQ(all(filter), (sequences{1, 2, 3, 4, 5, 6, 7, 8, 9}));
  filter.add(event_type::human_added);
  EXPECT_EQ(all(filter), (sequences{2, 8}));
  filter.add(event_type::locked);
  EXPECT_EQ(all(filter), (sequences{2, 7, 8}));
  filter.orgs = {"org1"};
  EXPECT_EQ(all(filter), (sequences{2, 7}));
  filter.orgs = {"org2", "org1"};
  EXPECT_EQ(all(filter, 1), (sequences{2, 7, 8}));
  filter.creators = {"other"};
  EXPECT_EQ(all(filter), sequences{7});
  EXPECT_EQ(all(by({"other", "nobody"})), (sequences{6, 7}));
  EXPECT_EQ(all(by({"other"}), 100, "u1"), (sequences{6, 7}));
  EXPECT_EQ(all(times(start_time + second)), (sequences{4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(all(times(std::nullopt, start_time + second)), (sequences{1, 2, 3}));
  EXPECT_EQ(all(times(start_time + second, start_time + 2 * second)), (sequences{4, 5, 6}));
  EXPECT_EQ(all(times(start_time + second), 2, "u1"), (sequences{4, 6, 7}));
  EXPECT_EQ(all(of({"org"})), sequences{});
}

TEST_F(event_walk_test, a_page_says_next_where_not_all_was_looked_at) {
  fill(20);
  event_filter filter;
  filter.add(event_type::token_added);
  EXPECT_EQ(page(filter, 0, 5).next, "5");
  EXPECT_EQ(page(filter, 15, 5).next, "") << "that was the last";
  EXPECT_EQ(page(filter, 20, 5).next, "");
  EXPECT_EQ(page({}, 0, 5).next, "") << "not filtered: what it has is all that it looked at";
}

TEST_F(event_walk_test, a_filter_that_lets_nothing_through_costs_a_bounded_number_a_page) {
  const std::size_t count = event_walk::looked_at_max + event_walk::step_events + 10;
  fill(count);
  event_filter filter;
  filter.add(event_type::locked);
  const answer& first = page(filter);
  EXPECT_EQ(first.log_page().events.size(), 0U);
  EXPECT_EQ(first.next, std::to_string(event_walk::looked_at_max));
  EXPECT_EQ(first.head.sequence, count);
  EXPECT_EQ(all(filter), sequences{});
  EXPECT_EQ(pages_, 2);
  add_user("u", "o");
  ask(operation::lock_user, admin(), "u");
  EXPECT_EQ(all(filter), sequences{last_sequence()});
}

TEST_F(event_walk_test, a_page_of_exactly_what_is_looked_at_ends_the_log) {
  fill(event_walk::step_events);
  event_filter filter;
  filter.add(event_type::locked);
  EXPECT_EQ(all(filter), sequences{});
}

TEST_F(event_walk_test, the_place_of_a_time_is_found_by_halves) {
  const std::uint64_t count = 3 * event_walk::looked_at_max;
  fill(count);
  for (const std::uint64_t first : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{999},
                                    std::uint64_t{15'000}, count - 1, count}) {
    const timestamp from = time_of(first);
    const answer& told = page(times(from), 0, 2);
    ASSERT_FALSE(told.log_page().sequences.empty()) << first;
    EXPECT_EQ(told.log_page().sequences.front(), first);
    EXPECT_EQ(page(times(from), first, 2).log_page().sequences.empty(), first == count);
    EXPECT_EQ(page(times(from + std::chrono::microseconds{1}), 0, 2).log_page().sequences.empty(),
              first == count);
  }
  const answer& none = page(times(time_of(count + 1)));
  EXPECT_EQ(none.next, "");
  EXPECT_TRUE(none.log_page().sequences.empty());
  EXPECT_EQ(page(times(start_time), UINT64_MAX).next, "");
  const answer& narrow = page(times(time_of(20'001), time_of(20'003)));
  EXPECT_EQ(narrow.log_page().sequences, (sequences{20'001, 20'002}));
  EXPECT_EQ(narrow.next, "") << "nothing behind it is before that time";
}

TEST_F(event_walk_test, an_empty_log_has_an_empty_page) {
  call& pending = make(operation::list_events, {});
  pending.who.trusted = true;
  pending.in.filter.from = start_time;
  const answer& told = ask(pending);
  EXPECT_EQ(told.code, status_code::ok);
  EXPECT_EQ(told.next, "");
}

TEST_F(event_walk_test, a_call_that_is_used_again_filters_nothing) {
  call& pending = make(operation::list_events, admin());
  pending.in.filter = {.types = 1, .creators = {"c"}, .orgs = {"o"}, .from = now_, .to = now_};
  pending.clear();
  EXPECT_FALSE(pending.in.filter.narrows());
}

}  // namespace
}  // namespace factord::service::event_walk_test

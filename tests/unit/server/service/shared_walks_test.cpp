// Streams of events that are told the same.

#include "server/service/shared_walks.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/server/service/event_waits_fixture.hpp"

namespace factord::service::shared_walks_test {
namespace {

class shared_walks_test : public event_waits_fixture {
 protected:
  /// A stream by the admin, which has been given all there is and waits.
  call& follow() {
    call& stream = begin();
    start(stream);
    go_on(stream);
    return stream;
  }
  call& begin() {
    call& stream = make(operation::list_events, admin());
    stream.in.follow = true;
    stream.in.limit = 100;
    stream.in.after = last_sequence();
    return stream;
  }
  /// There is room for the next part.
  void go_on(call& stream) { users_->go_on(stream); }

  void grow(operation op, std::string_view user) {
    users_->start(make(op, admin(), user));
    while (queue_->run_batch(now_)) {
    }
  }
  /// The log grows by one event; what is read of it is on its way.
  void grow_while_they_read(operation op, std::string_view user) {
    answered_.clear();
    defer_ = true;
    grow(op, user);
  }
  void end_reads() {
    defer_ = false;
    while (!later_.empty()) {
      for (const auto& run : std::exchange(later_, {})) run();
    }
  }
  /// And then it is there. An event that changes no token.
  void add_factor(std::string_view user) {
    grow_while_they_read(operation::add_otp_email, user);
    reads_ = later_.size();
    end_reads();
  }
  [[nodiscard]] std::vector<std::uint64_t> told(const call& stream) const {
    EXPECT_EQ(answers(stream), 1U);
    EXPECT_EQ(stream.out.code, status_code::ok) << stream.out.message;
    return stream.out.log_page().sequences;
  }

  std::size_t reads_ = 0;
};

TEST_F(shared_walks_test, who_has_come_as_far_and_asks_the_same_is_given_the_same_page) {
  add_user("u", "o");
  call& first = follow();
  call& second = follow();
  call& third = follow();
  add_factor("u");
  EXPECT_EQ(reads_, 1U);
  for (const call* stream : {&first, &second, &third}) {
    EXPECT_EQ(told(*stream), std::vector{last_sequence()});
    EXPECT_EQ(stream->out.page, first.out.page);
    EXPECT_EQ(stream->out.position, last_sequence());
    EXPECT_EQ(stream->out.store_id, "store");
    EXPECT_TRUE(stream->out.more);
  }
}

TEST_F(shared_walks_test, who_asks_otherwise_walks_alone) {
  add_user("u", "o");
  add_user("v", "o");
  call& plain = follow();
  struct other_stream {
    const char* by;
    bool sees_it;
    std::function<void(call&)> change;
  };
  const std::vector<other_stream> others{
      {"type", true, [](call& one) { one.in.filter.add(storage::event_type::otp_email_added); }},
      {"creator", false,
       [](call& one) {
         one.in.filter.creators = {"a", "b"};
       }},
      {"creators in one", false, [](call& one) { one.in.filter.creators = {"ab"}; }},
      {"org", false,
       [](call& one) {
         one.in.filter.orgs = {"a", "b"};
       }},
      {"from", true, [](call& one) { one.in.filter.from = start_time; }},
      {"to", false, [](call& one) { one.in.filter.to = start_time; }},
      {"user", false, [](call& one) { one.in.user_id = "v"; }},
      {"creators", true,
       [](call& one) {
         one.in.filter.creators = {"admin", "o"};
       }},
      {"creator and org", true,
       [](call& one) {
         one.in.filter.creators = {"admin"};
         one.in.filter.orgs = {"o"};
       }},
      {"limit", true, [](call& one) { one.in.limit = 99; }},
      {"place", false, [](call& one) { one.in.after += 7; }},
  };
  std::vector<call*> streams;
  for (const other_stream& other : others) {
    streams.push_back(&begin());
    other.change(*streams.back());
    start(*streams.back());
    go_on(*streams.back());
  }
  add_factor("u");
  EXPECT_EQ(told(plain), std::vector{last_sequence()});
  std::set pages{plain.out.page};
  for (std::size_t i = 0; i < others.size(); ++i) {
    EXPECT_EQ(answers(*streams[i]), others[i].sees_it ? 1U : 0U) << others[i].by;
    if (!others[i].sees_it) continue;
    EXPECT_TRUE(pages.insert(streams[i]->out.page).second) << others[i].by;
  }
}

// It has not seen what the walk may not have read yet.
TEST_F(shared_walks_test, nobody_joins_a_walk_from_before_the_log_has_grown) {
  add_user("u", "o");
  add_user("v", "o");
  call& first = follow();
  const std::uint64_t before = last_sequence();
  grow_while_they_read(operation::add_otp_email, "u");
  ASSERT_EQ(later_.size(), 1U);
  auto reads = std::exchange(later_, {});
  // While its page is on its way, another event comes, and then a stream at the same place.
  grow(operation::add_otp_email, "v");
  call& second = begin();
  second.in.after = before;
  second.begun = true;
  users_->start(second);
  for (const auto& run : reads) run();
  end_reads();
  EXPECT_EQ(told(first), std::vector{before + 1});
  EXPECT_EQ(told(second), (std::vector{before + 1, before + 2}));
}

TEST_F(shared_walks_test, one_that_fails_alone_does_not_take_the_others_with_it) {
  add_user("u", "o");
  call& first = follow();
  call& second = follow();
  call& third = follow();
  gone_ = &first;  // whose walk it would have been
  add_factor("u");
  EXPECT_EQ(answers(first), 1U);
  EXPECT_EQ(first.out.code, status_code::cancelled);
  EXPECT_EQ(told(second), std::vector{last_sequence()});
  EXPECT_EQ(second.out.page, third.out.page);
}

TEST_F(shared_walks_test, each_is_judged_by_its_own_token) {
  admin();
  add_user("reader", "o");
  const std::string reader = token("reader", {role::iam_owner_viewer});
  call& stream = make(operation::list_events, reader);
  stream.in.follow = true;
  stream.in.limit = 100;
  stream.in.after = last_sequence();
  start(stream);
  go_on(stream);
  call& other = follow();
  grow_while_they_read(operation::lock_user, "reader");
  end_reads();
  EXPECT_EQ(answers(stream), 1U);
  EXPECT_EQ(stream.out.code, status_code::unauthenticated);
  EXPECT_EQ(told(other), std::vector{last_sequence()});
}

// A hundred of them are no reason that who asks for something else waits.
TEST_F(shared_walks_test, each_is_answered_in_a_turn_of_its_own) {
  add_user("u", "o");
  std::vector<call*> streams{&follow(), &follow(), &follow()};
  grow_while_they_read(operation::add_otp_email, "u");
  ASSERT_EQ(later_.size(), 1U);
  std::exchange(later_, {}).front()();
  const auto answered = [&] {
    return std::ranges::count_if(streams, [this](const call* one) { return answers(*one) != 0; });
  };
  EXPECT_EQ(answered(), 1);
  const auto turns = std::exchange(turns_, {});
  ASSERT_EQ(turns.size(), 2U);
  turns[0]();
  EXPECT_EQ(answered(), 2);
  turns[1]();
  EXPECT_EQ(answered(), 3);
}

// What nobody is let see of it holds nobody up, and those that wait on still share.
TEST_F(shared_walks_test, who_is_told_nothing_waits_on) {
  add_user("u", "o");
  std::vector<call*> streams;
  for (int i = 0; i < 2; ++i) {
    call& stream = begin();
    stream.in.filter.add(storage::event_type::otp_email_removed);
    start(stream);
    go_on(stream);
    streams.push_back(&stream);
  }
  add_factor("u");
  EXPECT_EQ(reads_, 1U);
  for (const call* stream : streams) EXPECT_EQ(answers(*stream), 0U);
  grow(operation::remove_otp_email, "u");
  for (const call* stream : streams) EXPECT_EQ(told(*stream), std::vector{last_sequence()});
}

TEST_F(shared_walks_test, a_page_is_written_once_in_each_form) {
  event_page page;
  int writes = 0;
  const auto write = [&writes](std::string& out) {
    ++writes;
    out = "text";
  };
  for (const std::uint32_t form : {1U, 2U, 1U, 2U}) EXPECT_EQ(page.written(form, write), "text");
  EXPECT_EQ(writes, 2);
}

}  // namespace
}  // namespace factord::service::shared_walks_test

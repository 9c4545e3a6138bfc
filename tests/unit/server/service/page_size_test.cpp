// How much is on one page of a list: of records at their limits fewer than there may be.

#include "server/service/page_size.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "tests/unit/support/service_fixture.hpp"

namespace factord::service::page_size_test {
namespace {

TEST(page_size_test, a_page_ends_one_past_its_room) {
  page_room room;
  EXPECT_TRUE(room.take(page_text_bytes - 1));
  EXPECT_TRUE(room.take(1)) << "at the limit";
  EXPECT_FALSE(room.take(1)) << "one past it";
}

TEST(page_size_test, one_record_is_always_on_it) {
  page_room room;
  EXPECT_TRUE(room.take(page_text_bytes + 1));
  EXPECT_FALSE(room.take(1));
}

TEST(page_size_test, each_text_of_an_event_counts) {
  using event = storage::event_record;
  const std::vector<std::function<std::string*(event&)>> texts = {
      [](event& of) { return of.mutable_user_id(); },
      [](event& of) { return of.mutable_resource_owner(); },
      [](event& of) { return of.mutable_creator(); },
      [](event& of) { return of.mutable_payload()->mutable_username(); },
      [](event& of) { return of.mutable_payload()->mutable_email(); },
      [](event& of) { return of.mutable_payload()->mutable_token_id(); },
      [](event& of) { return of.mutable_payload()->add_roles(); },
      [](event& of) { return of.mutable_payload()->mutable_org(); },
      [](event& of) { return of.mutable_payload()->mutable_person()->mutable_given_name(); },
      [](event& of) { return of.mutable_payload()->mutable_person()->mutable_family_name(); },
      [](event& of) { return of.mutable_payload()->mutable_person()->mutable_nick_name(); },
      [](event& of) { return of.mutable_payload()->mutable_person()->mutable_display_name(); },
      [](event& of) {
        return of.mutable_payload()->mutable_person()->mutable_preferred_language();
      },
  };
  event all;
  std::size_t expected = 0;
  for (const auto& text : texts) {
    text(all)->assign("12345");
    EXPECT_EQ(text_bytes(all), expected += 5);
  }
}

TEST(page_size_test, each_text_of_a_token_counts_as_json_has_it) {
  storage::token_record token;
  token.set_token_id("1");
  token.set_subject("\x01");
  token.add_roles("\"");
  token.set_org("\U0001d11e");
  EXPECT_EQ(text_bytes(token), 1U + 6U + 6U + 4U);
}

class large_pages : public service_fixture {
 protected:
  /// As long as an id may be, and as a name may.
  static std::string text(int number) {
    std::string made = std::to_string(number);
    return made + std::string(id_code_points - made.size(), '\x01');
  }

  /// All sequences there are, page by page; checks how much is on each.
  std::vector<std::uint64_t> all_events(std::string_view user) {
    std::vector<std::uint64_t> seen;
    std::uint64_t after = 0;
    for (pages_ = 0;; ++pages_) {
      call& page = make(operation::list_events, admin(), user);
      page.in.after = after;
      const answer& told = ask(page);
      std::size_t bytes = 0;
      for (const storage::event_record& event : told.log_page().events) bytes += text_bytes(event);
      EXPECT_LE(bytes, page_text_bytes);
      seen.insert(seen.end(), told.log_page().sequences.begin(), told.log_page().sequences.end());
      if (told.next.empty()) return seen;
      EXPECT_GT(bytes + largest, page_text_bytes) << "there was room for more";
      after = std::stoull(told.next);
    }
  }

  static constexpr std::size_t id_code_points = 200;
  static constexpr std::size_t largest = 12'000;
  int pages_ = 0;  ///< that were not the last
};

TEST_F(large_pages, of_events_are_cut_and_lose_none) {
  for (int i = 0; i < 200; ++i) {
    call& pending = make(operation::add_human_user, admin(), text(i));
    pending.in.username = text(i);
    pending.in.org = text(0);
    pending.in.email = "a@b.ch";
    for (std::string* const name :
         {pending.in.person.mutable_given_name(), pending.in.person.mutable_family_name(),
          pending.in.person.mutable_nick_name(), pending.in.person.mutable_display_name()})
      *name = text(i);
    ASSERT_EQ(ask(pending).code, status_code::ok);
  }
  std::vector<std::uint64_t> due(last_sequence());
  std::iota(due.begin(), due.end(), 1U);
  EXPECT_EQ(all_events({}), due);
  EXPECT_GT(pages_, 2);
}

TEST_F(large_pages, of_the_events_of_a_user_are_cut_and_lose_none) {
  add_user(text(0), text(1));
  add_factor(text(0));
  for (int i = 0; i < 200; ++i) {
    ask(operation::remove_otp_email, admin(), text(0));
    add_factor(text(0));
  }
  const auto seen = all_events(text(0));
  EXPECT_TRUE(std::ranges::is_sorted(seen));
  EXPECT_EQ(seen.size(), last_sequence() - 1) << "all but the token's";
  EXPECT_GT(pages_, 1);
}

TEST_F(large_pages, of_tokens_are_cut_and_lose_none) {
  constexpr std::size_t count = 400;
  for (std::size_t i = 0; i < count; ++i) token(text(0), {role::org_owner}, text(1));
  const auto list = [this](std::size_t limit, std::string_view after) -> const answer& {
    call& page = make(operation::list_tokens, {});
    page.who.trusted = true;
    page.in.limit = limit;
    page.in.token_id = after;
    return ask(page);
  };
  EXPECT_EQ(list(0, {}).code, status_code::invalid_argument) << "all, and they are too many";
  std::vector<std::string> seen;
  std::string after;
  int pages = 0;
  do {
    const answer& told = list(1'000, after);
    std::size_t bytes = 0;
    for (const storage::token_record& one : told.tokens) {
      bytes += text_bytes(one);
      seen.push_back(one.token_id());
    }
    EXPECT_LE(bytes, page_text_bytes);
    after = told.next;
    ++pages;
  } while (!after.empty());
  EXPECT_EQ(seen.size(), count);
  EXPECT_TRUE(std::ranges::is_sorted(seen));
  EXPECT_GT(pages, 2);
}

TEST_F(large_pages, usual_records_have_their_limit_alone) {
  for (int i = 0; i < 500; ++i) add_user(std::to_string(100'000'000'000'000'000 + i), "org1");
  call& page = make(operation::list_events, admin());
  const answer& told = ask(page);
  EXPECT_EQ(told.log_page().events.size(), 1'000U);
  EXPECT_EQ(told.next, "");
}

}  // namespace
}  // namespace factord::service::page_size_test

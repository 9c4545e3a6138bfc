#include "storage/model/event.hpp"
#include "storage/model/event_value.hpp"
#include "tests/unit/support/service_fixture.hpp"

namespace factord::service::clocks_test {
namespace {

using namespace std::chrono_literals;

// The wall clock stands a day ahead for one event, and comes back.
class two_clocks : public service_fixture {
 protected:
  void SetUp() override {
    by_ = admin();
    now_ = start_time + 24h;
    add_user("early", "org1");
    early_code_ = add_user_with_code("early2");
    now_ = start_time;
  }

  std::string add_user_with_code(std::string_view id) {
    call& pending = make(operation::add_human_user, by_, id);
    pending.in.org = "org1";
    pending.in.username = id;
    pending.in.email = "a@b.ch";
    pending.in.return_code = true;
    return ask(pending).email_code;
  }
  std::string add_token(std::chrono::seconds lifetime) {
    call& pending = make(operation::create_token, {}, "reader");
    pending.who.trusted = true;
    pending.in.roles.add(role::iam_owner);
    pending.in.lifetime = lifetime;
    return ask(pending).token;
  }
  std::string verify(std::string_view id, std::string_view code) {
    call& pending = make(operation::verify_email, by_, id);
    pending.in.verification_code = code;
    const answer& done = ask(pending);
    return done.code == status_code::ok ? "ok" : std::string(done.error_id);
  }
  status_code ask_as(std::string_view token) {
    return ask(operation::get_user, token, "early").code;
  }

  std::string by_;
  std::string early_code_;
};

TEST_F(two_clocks, a_token_ends_by_the_wall_clock) {
  const std::string token = add_token(1min);
  EXPECT_EQ(ask_as(token), status_code::ok);
  now_ = start_time + 1min - 1us;
  EXPECT_EQ(ask_as(token), status_code::ok) << "its verdict is kept by now";
  now_ = start_time + 1min;
  EXPECT_EQ(ask_as(token), status_code::unauthenticated);
}

TEST_F(two_clocks, a_token_that_nobody_used_ends_by_the_wall_clock) {
  const std::string token = add_token(1min);
  now_ = start_time + 1min;
  EXPECT_EQ(ask_as(token), status_code::unauthenticated);
}

TEST_F(two_clocks, a_listed_token_says_when_it_ends) {
  add_token(1min);
  call& pending = make(operation::list_tokens, {});
  pending.who.trusted = true;
  const auto& listed = ask(pending).tokens;
  ASSERT_EQ(listed.size(), 2U);
  const auto& made = listed[0].subject() == "reader" ? listed[0] : listed[1];
  EXPECT_EQ(from_micros(made.expires_at()), start_time + 1min);
}

TEST_F(two_clocks, a_code_ends_by_the_wall_clock) {
  const std::string code = add_user_with_code("u1");
  now_ = start_time + 1h;
  EXPECT_EQ(verify("u1", code), "COMMAND-eis9R");
  now_ = start_time + 1h - 1us;
  EXPECT_EQ(verify("u1", code), "ok");
}

TEST_F(two_clocks, a_code_of_the_day_ahead_does_not_live_until_then) {
  const std::uint64_t before = last_sequence();
  EXPECT_EQ(verify("early2", early_code_), "COMMAND-eis9R");
  EXPECT_EQ(last_sequence(), before) << "there is nothing to guess";
}

TEST_F(two_clocks, what_happened_never_goes_back) {
  call& pending = make(operation::deactivate_user, by_, "early");
  EXPECT_EQ(ask(pending).details.change_date, start_time + 24h);
  now_ = start_time + 24h + 1us;
  call& again = make(operation::reactivate_user, by_, "early");
  EXPECT_EQ(ask(again).details.change_date, start_time + 24h + 1us);
}

}  // namespace
}  // namespace factord::service::clocks_test

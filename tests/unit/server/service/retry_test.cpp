#include "server/service/retry.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "tests/unit/support/service_fixture.hpp"

namespace factord::service::retry_test {
namespace {

using enum operation;

constexpr std::string_view reused = "idempotency key was used for another request";

class retry : public service_fixture {
 protected:
  void SetUp() override {
    add_user("u1", "org1");
    add_factor("u1");
    add_user("u2", "org2");
    add_factor("u2");
  }

  call& make_with(std::string_view key, operation op, std::string_view by, std::string_view user) {
    call& pending = make(op, by, user);
    pending.in.retry_key = key;
    return pending;
  }
  const answer& ask_with(std::string_view key, operation op, std::string_view by,
                         std::string_view user) {
    return ask(make_with(key, op, by, user));
  }
  call& make_new(std::string_view key, std::string_view id, std::string_view name) {
    call& pending = make_with(key, add_human_user, admin(), id);
    pending.in.org = "org1";
    pending.in.username = name;
    pending.in.email = "new@example.org";
    return pending;
  }
};

TEST_F(retry, is_answered_what_the_first_was) {
  const answer first = ask_with("k", remove_otp_email, admin(), "u1");
  ASSERT_EQ(first.code, status_code::ok);
  EXPECT_EQ(first.retry, retry_verdict::none);
  now_ += std::chrono::minutes(1);
  add_factor("u1");
  const std::uint64_t last = last_sequence();
  const answer again = ask_with("k", remove_otp_email, admin(), "u1");
  EXPECT_EQ(again.code, status_code::ok);
  EXPECT_EQ(again.retry, retry_verdict::replayed);
  EXPECT_EQ(again.details.sequence, first.details.sequence);
  EXPECT_EQ(again.details.change_date, first.details.change_date);
  EXPECT_EQ(again.details.resource_owner, "org1");
  EXPECT_EQ(last_sequence(), last) << "nothing was done";
}

TEST_F(retry, of_another_request_is_refused) {
  const std::uint64_t before = last_sequence() + 1;  // the token's
  const std::string by = admin();
  ASSERT_EQ(ask_with("k", remove_otp_email, by, "u1").code, status_code::ok);
  const std::vector<std::function<call&()>> others = {
      [&]() -> call& { return make_with("k", remove_otp_email, by, "u2"); },
      [&]() -> call& { return make_with("k", lock_user, by, "u1"); },
      [&]() -> call& { return make_new("k", "new", "new"); },
  };
  for (const auto& other : others) {
    const answer done = ask(other());
    EXPECT_EQ(done.code, status_code::failed_precondition);
    EXPECT_EQ(done.message, reused);
    EXPECT_EQ(done.retry, retry_verdict::reused);
  }
  EXPECT_EQ(last_sequence(), before + 1);
}

TEST_F(retry, of_another_body_is_another_request) {
  ASSERT_EQ(ask(make_new("k", "n1", "ada")).code, status_code::ok);
  const std::vector<std::function<void(call_input&)>> changes = {
      [](call_input& in) { in.user_id = "n2"; },
      [](call_input& in) { in.org = "org2"; },
      [](call_input& in) { in.username = "bob"; },
      [](call_input& in) { in.email = "other@example.org"; },
      [](call_input& in) { in.email_verified = true; },
      [](call_input& in) { in.return_code = true; },
      [](call_input& in) { in.otp_email = true; },
      [](call_input& in) { in.person.set_given_name("Ada"); },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    call& pending = make_new("k", "n1", "ada");
    changes[i](pending.in);
    EXPECT_EQ(ask(pending).message, reused) << i;
  }
  EXPECT_EQ(ask(make_new("k", "n1", "ada")).retry, retry_verdict::replayed);
}

TEST_F(retry, keys_are_of_whoever_used_them) {
  const std::string other = token("x", {role::iam_owner});
  ASSERT_EQ(ask_with("k", remove_otp_email, admin(), "u1").code, status_code::ok);
  const answer done = ask_with("k", remove_otp_email, other, "u1");
  EXPECT_EQ(done.error_id, "COMMAND-b312D") << "it is this one's first, and finds no factor";
  EXPECT_EQ(ask_with("k", remove_otp_email, other, "u2").code, status_code::ok);
}

TEST_F(retry, where_nothing_was_done_nothing_is_kept) {
  EXPECT_EQ(ask_with("k", unlock_user, admin(), "u1").code, status_code::failed_precondition);
  EXPECT_EQ(ask_with("k", lock_user, admin(), "u1").code, status_code::ok);
  EXPECT_EQ(ask_with("k", lock_user, admin(), "u1").retry, retry_verdict::replayed);
}

TEST_F(retry, a_wrong_code_is_no_answer_to_keep) {
  call& add = make_new("", "n1", "ada");
  add.in.return_code = true;
  const std::string code = ask(add).email_code;
  call& wrong = make_with("k", verify_email, admin(), "n1");
  wrong.in.verification_code = "no such code";
  EXPECT_EQ(ask(wrong).error_id, "COMMAND-eis9R");
  call& right = make_with("k", verify_email, admin(), "n1");
  right.in.verification_code = code;
  EXPECT_EQ(ask(right).code, status_code::ok);
}

TEST_F(retry, of_a_new_user_says_who_it_is_and_keeps_no_secret) {
  call& first = make_new("k", "", "ada");
  first.in.return_code = true;
  const answer made = ask(first);
  ASSERT_FALSE(made.email_code.empty());
  call& second = make_new("k", "", "ada");
  second.in.return_code = true;
  const answer again = ask(second);
  EXPECT_EQ(again.retry, retry_verdict::replayed);
  EXPECT_EQ(again.user_id, made.user_id);
  EXPECT_EQ(again.details.sequence, made.details.sequence) << "that of its last event";
  EXPECT_EQ(again.email_code, "");

  call& verified = make_new("v", "", "bob");
  verified.in.email_verified = true;
  const answer with_two = ask(verified);
  call& twice = make_new("v", "", "bob");
  twice.in.email_verified = true;
  EXPECT_EQ(ask(twice).details.sequence, with_two.details.sequence);
}

TEST_F(retry, comes_before_what_has_become_of_the_user) {
  const std::string by = admin();
  const std::uint64_t sequence = ask_with("k", delete_user, by, "u1").details.sequence;
  EXPECT_EQ(ask_with("k", delete_user, by, "u1").details.sequence, sequence);
  call& conditional = make_with("c", lock_user, by, "u2");
  ASSERT_TRUE(conditional.in.tags.add(last_sequence() - 2));
  const answer first = ask(conditional);
  ASSERT_EQ(first.code, status_code::ok) << first.message;
  call& again = make_with("c", lock_user, by, "u2");
  ASSERT_TRUE(again.in.tags.add(first.details.sequence - 3));
  EXPECT_EQ(ask(again).retry, retry_verdict::replayed) << "the precondition was met once";
}

TEST_F(retry, permission_is_asked_for_again) {
  const std::string by = token("x", {role::org_owner}, "org2");
  ASSERT_EQ(ask_with("k", remove_otp_email, by, "u2").code, status_code::ok);
  // The same subject, with a token that reaches less far.
  const std::string less = token("x", {role::org_owner}, "org1");
  EXPECT_EQ(ask_with("k", remove_otp_email, less, "u2").error_id, "AUTH-AWfge");
  EXPECT_EQ(ask_with("k", remove_otp_email, by, "u2").retry, retry_verdict::replayed);
}

// A removed user of another organization is as nobody is.
TEST_F(retry, tells_a_stranger_no_more_than_of_nobody) {
  const std::string by = token("x", {role::org_owner}, "org1");
  ASSERT_EQ(ask_with("gone", delete_user, admin(), "u2").code, status_code::ok);
  ASSERT_EQ(ask_with("k", remove_otp_email, by, "u1").code, status_code::ok);
  for (const std::string_view user : {"u2", "nobody"}) {
    EXPECT_EQ(ask_with("k", remove_otp_email, by, user).message, reused) << user;
    EXPECT_EQ(ask_with("new", remove_otp_email, by, user).error_id, "COMMAND-b312D") << user;
  }
}

// What is stored must be what a later program makes of the same request.
TEST(retry_hashes, are_as_they_were) {
  call_input in;
  in.user_id = "u1";
  in.org = "org1";
  in.username = "ada";
  in.person.set_given_name("Ada");
  in.person.set_display_name("Ada Byron");
  in.email = "ada@example.com";
  in.email_verified = true;
  in.verification_code = "K7PM2QXD";
  in.retry_key = "k";
  caller who;
  who.user_id = "operator";
  storage::sha256 hasher;
  retry_draw out;
  hash_retry(in, add_human_user, who, hasher, out);
  EXPECT_EQ(storage::to_hex(out.key),
            "a109bdff0d1f15b70ae66a4fe413a22ce664a57e504503accdd24903a19679a7");
  EXPECT_EQ(storage::to_hex(out.request),
            "f32596d990614d5571af966a8e975b7c0eed9664eccb5c89b30157dab0d3fcaa");
}

TEST_F(retry, two_at_once_are_one_event) {
  const std::string by = admin();
  const std::uint64_t before = last_sequence();
  std::vector<call*> works = {&make_with("k", remove_otp_email, by, "u1"),
                              &make_with("k", remove_otp_email, by, "u1"),
                              &make_with("k", remove_otp_email, by, "u2")};
  for (call* pending : works) users_->start(*pending);
  ASSERT_TRUE(queue_->run_batch(now_));
  EXPECT_FALSE(queue_->run_batch(now_)) << "all were in one batch";
  EXPECT_EQ(works[0]->out.retry, retry_verdict::none);
  EXPECT_EQ(works[1]->out.retry, retry_verdict::replayed);
  EXPECT_EQ(works[1]->out.details.sequence, works[0]->out.details.sequence);
  EXPECT_EQ(works[2]->out.retry, retry_verdict::reused);
  EXPECT_EQ(last_sequence(), before + 1);
}

TEST_F(retry, ends_with_its_window) {
  const std::string by = admin();
  ASSERT_EQ(ask_with("k", lock_user, by, "u1").code, status_code::ok);
  now_ += std::chrono::hours(24) - std::chrono::microseconds(1);
  EXPECT_EQ(ask_with("k", lock_user, by, "u1").retry, retry_verdict::replayed);
  now_ += std::chrono::microseconds(1);
  EXPECT_EQ(ask_with("k", lock_user, by, "u1").error_id, "COMMAND-lgws8wtsqf")
      << "is decided anew: the user is locked";
}

// A day's worth stays a day's worth.
TEST_F(retry, what_is_kept_stays_level) {
  const std::string by = admin();
  const auto kept = [this] {
    std::size_t count = 0;
    store_.scan_states("k", "", 100'000, [&](auto page) { count = page->size(); });
    return count;
  };
  for (int day = 0; day < 5; ++day) {
    for (int i = 0; i < 50; ++i) {
      const bool locks = i % 2 == 0;
      const std::string key = std::to_string(day * 50 + i);
      ASSERT_EQ(ask_with(key, locks ? lock_user : unlock_user, by, "u1").code, status_code::ok);
      now_ += std::chrono::minutes(30);
    }
    EXPECT_LE(kept(), 51U) << day;
  }
  EXPECT_GE(kept(), 47U);
}

TEST_F(retry, costs_nothing_who_has_none) {
  storage::state_table table;
  make(remove_otp_email, admin(), "u1").list_keys(table);
  EXPECT_EQ(table.retries_wanted(), 0U);
  EXPECT_EQ(table.size(), 1U);
}

}  // namespace
}  // namespace factord::service::retry_test

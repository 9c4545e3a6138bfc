// Tokens that another server on the same store has changed: heeded from its answer on.
#include "tests/support/quiet_service.hpp"
#include "tests/unit/support/service_fixture.hpp"

namespace factord::service::token_epoch_test {
namespace {

class token_epoch : public service_fixture {
 protected:
  token_epoch() {
    for (const std::string_view id : {"u1", "u2", "subject"}) {
      add_user(id, "org1");
      add_factor(id);
    }
    by_ = token("subject", {role::iam_owner});
    // So that its verdict is known here.
    EXPECT_EQ(ask(operation::list_method_types, by_, "u1").code, status_code::ok);
  }

  void elsewhere(operation op, std::string_view user_id, std::string_view token_id = {}) {
    call pending(0);
    pending.op = op;
    pending.in.user_id = user_id;
    pending.in.token_id = token_id;
    other_.order(pending);
  }
  std::string only_token_of(std::string_view subject) {
    call& pending = make(operation::list_tokens, {});
    pending.who.trusted = true;
    for (const storage::token_record& one : ask(pending).tokens) {
      if (one.subject() == subject) return one.token_id();
    }
    return {};
  }

  storage::memory_engine there_{store_.shared()};
  quiet_service other_{there_, [this](std::span<unsigned char> out) { draw_(out); }};
  std::string by_;
};

TEST_F(token_epoch, a_token_revoked_elsewhere_writes_nothing) {
  elsewhere(operation::revoke_token, {}, only_token_of("subject"));
  const std::uint64_t before = last_sequence();
  const answer& refused = ask(operation::remove_otp_email, by_, "u1");
  EXPECT_EQ(refused.code, status_code::unauthenticated);
  EXPECT_EQ(refused.message, "Errors.Token.Invalid");
  EXPECT_EQ(last_sequence(), before);
  EXPECT_EQ(ask(operation::remove_otp_email, admin(), "u1").code, status_code::ok)
      << "and it is no other's business";
}

TEST_F(token_epoch, or_reads_anything) {
  elsewhere(operation::revoke_token, {}, only_token_of("subject"));
  for (const operation op : {operation::list_method_types, operation::list_factors,
                             operation::get_user, operation::list_events}) {
    EXPECT_EQ(ask(op, by_, "u1").code, status_code::unauthenticated) << traits(op).name;
  }
}

TEST_F(token_epoch, the_first_read_after_it_is_refused) {
  for (const operation op : {operation::list_method_types, operation::list_factors,
                             operation::get_user, operation::list_events}) {
    const std::string one = token("u2", {role::iam_owner});
    EXPECT_EQ(ask(op, one, "u1").code, status_code::ok) << traits(op).name;
    elsewhere(operation::revoke_token, {}, only_token_of("u2"));
    EXPECT_EQ(ask(op, one, "u1").code, status_code::unauthenticated) << traits(op).name;
  }
}

TEST_F(token_epoch, so_is_one_whose_subject_was_locked_and_not_once_it_is_unlocked) {
  for (const auto& [step, back] :
       {std::pair{operation::lock_user, operation::unlock_user},
        std::pair{operation::deactivate_user, operation::reactivate_user}}) {
    elsewhere(step, "subject");
    EXPECT_EQ(ask(operation::remove_otp_email, by_, "u1").code, status_code::unauthenticated);
    elsewhere(back, "subject");
    EXPECT_EQ(ask(operation::list_method_types, by_, "u1").code, status_code::ok);
  }
  EXPECT_EQ(ask(operation::remove_otp_email, by_, "u1").code, status_code::ok);
}

TEST_F(token_epoch, what_others_do_with_other_tokens_costs_a_look_and_no_more) {
  elsewhere(operation::lock_user, "u2");
  EXPECT_EQ(ask(operation::remove_otp_email, by_, "u1").code, status_code::ok);
  elsewhere(operation::unlock_user, "u2");
  const answer& listed = ask(operation::list_method_types, by_, "u1");
  EXPECT_EQ(listed.code, status_code::ok);
  EXPECT_FALSE(listed.otp_email);
  EXPECT_EQ(tally_.answers(operation::list_method_types, status_code::ok), 2U)
      << "answered once each time";
}

TEST_F(token_epoch, a_token_that_ended_meanwhile_is_refused_in_the_decision) {
  call& pending = make(operation::create_token, {});
  pending.who.trusted = true;
  pending.in.user_id = "u2";
  pending.in.roles.add(role::iam_owner);
  pending.in.lifetime = std::chrono::seconds{60};
  const std::string shortly = ask(pending).token;
  EXPECT_EQ(ask(operation::list_method_types, shortly, "u1").code, status_code::ok);
  // Judged before its end, decided after it, and by another epoch.
  call& late = make(operation::remove_otp_email, shortly, "u1");
  users_->start(late);
  now_ += std::chrono::seconds{61};
  elsewhere(operation::lock_user, "subject");
  EXPECT_TRUE(queue_->run_batch(now_));
  EXPECT_EQ(late.out.code, status_code::unauthenticated);
}

}  // namespace
}  // namespace factord::service::token_epoch_test

#include "server/service/credentials/personal_access_token.hpp"

#include <functional>
#include <string>

#include "storage/engine/wait_for.hpp"
#include "tests/unit/support/service_fixture.hpp"

namespace factord::service::personal_access_token_test {
namespace {

class personal_access_token : public service_fixture {
 protected:
  personal_access_token() {
    add_user("subject", "org1");
    admin();
  }

  result<judgement> judge(std::string_view token) {
    const storage::digest hash = hasher_.of(token);
    return storage::wait_for<judgement>([&](auto done) {
      tokens_.judge({token, hash}, std::move(done));
    });
  }
  std::uint64_t epoch() {
    call& pending = make(operation::list_method_types, admin(), "subject");
    return ask(pending).head.token_epoch;
  }

  const std::function<timestamp()> wall_ = [this] { return now_; };
  personal_access_tokens tokens_{store_, wall_};
  storage::sha256 hasher_;
};

TEST_F(personal_access_token, a_good_one_tells_its_subject_and_grants_and_the_epoch_of_that) {
  const std::string shown = token("subject", {role::org_owner}, "org1");
  const auto judged = judge(shown);
  ASSERT_TRUE(judged);
  ASSERT_TRUE(judged->found);
  EXPECT_EQ(judged->found->who.user_id, "subject");
  EXPECT_FALSE(judged->found->who.trusted);
  ASSERT_EQ(judged->found->who.grants.size(), 1U);
  EXPECT_TRUE(judged->found->who.grants[0].roles.contains(role::org_owner));
  EXPECT_EQ(judged->found->who.grants[0].org, "org1");
  EXPECT_EQ(judged->found->expires_at, timestamp{});
  EXPECT_EQ(judged->token_epoch, epoch());
}

TEST_F(personal_access_token, one_that_was_never_made_is_bad) {
  const auto judged = judge("nobody's");
  ASSERT_TRUE(judged);
  EXPECT_FALSE(judged->found);
  EXPECT_EQ(judged->token_epoch, epoch()) << "so that a shard hears of it all the same";
}

TEST_F(personal_access_token, it_ends_at_its_end_and_not_before) {
  call& made = make(operation::create_token, admin(), "subject");
  made.who.trusted = true;
  made.in.roles.add(role::iam_owner);
  made.in.lifetime = std::chrono::seconds{60};
  const std::string shown = ask(made).token;
  now_ += std::chrono::seconds{60} - std::chrono::microseconds{1};
  EXPECT_TRUE(judge(shown)->found);
  now_ += std::chrono::microseconds{1};
  EXPECT_FALSE(judge(shown)->found);
}

TEST_F(personal_access_token, a_subject_that_is_not_active_bars_it) {
  const std::string shown = token("subject", {role::iam_owner});
  ask(operation::lock_user, admin(), "subject");
  EXPECT_FALSE(judge(shown)->found);
  ask(operation::unlock_user, admin(), "subject");
  EXPECT_TRUE(judge(shown)->found);
}

TEST_F(personal_access_token, a_subject_that_is_no_user_of_this_store_bars_nothing) {
  EXPECT_TRUE(judge(token("a machine elsewhere", {role::iam_owner}))->found);
}

}  // namespace
}  // namespace factord::service::personal_access_token_test

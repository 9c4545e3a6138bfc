#include "tests/unit/support/service_fixture.hpp"

namespace factord::service {
namespace {

class tokens : public service_fixture {
 protected:
  const answer& revoke(std::string_view token_id) {
    call& work = make(operation::revoke_token, {});
    work.in.trusted = true;
    work.in.token_id = token_id;
    return ask(work);
  }
  const answer& list() {
    call& work = make(operation::list_tokens, {});
    work.in.trusted = true;
    return ask(work);
  }
};

TEST_F(tokens, are_listed_without_their_secret) {
  token("u1", {role::org_owner, role::org_owner_viewer}, "org1");
  const answer& listed = list();
  ASSERT_EQ(listed.tokens.size(), 1U);
  const storage::token_record& found = listed.tokens.front();
  EXPECT_EQ(found.subject(), "u1");
  EXPECT_EQ(found.org(), "org1");
  ASSERT_EQ(found.roles_size(), 2);
  EXPECT_EQ(found.roles(0), "ORG_OWNER");
  EXPECT_EQ(found.expires_at(), 0);
  EXPECT_EQ(event_names(), std::vector<std::string>{"user.pat.added"});
}

TEST_F(tokens, are_refused_once_revoked) {
  add_user("u1", "org1");
  const std::string by = admin();
  EXPECT_EQ(ask(operation::get_user, by, "u1").code, status_code::ok);
  const std::string id = list().tokens.front().token_id();
  EXPECT_EQ(revoke(id).code, status_code::ok);
  EXPECT_EQ(event_names().back(), "user.pat.removed");
  EXPECT_EQ(ask(operation::get_user, by, "u1").code, status_code::unauthenticated);
  EXPECT_EQ(revoke(id).code, status_code::not_found);
  EXPECT_EQ(revoke("unknown").code, status_code::not_found);
}

TEST_F(tokens, of_two_revocations_at_once_one_finds_it) {
  token("u1", {});
  const std::string id = list().tokens.front().token_id();
  call& first = make(operation::revoke_token, {});
  call& second = make(operation::revoke_token, {});
  for (call* work : {&first, &second}) {
    work->in.trusted = true;
    work->in.token_id = id;
    users_->start(*work);
  }
  ASSERT_TRUE(queue_->run_batch(now_));
  EXPECT_EQ(first.out.code, status_code::ok);
  EXPECT_EQ(second.out.code, status_code::not_found);
}

TEST_F(tokens, are_not_made_for_a_removed_user) {
  add_user("u1", "org1");
  ask(operation::delete_user, admin(), "u1");
  call& work = make(operation::create_token, {}, "u1");
  work.in.trusted = true;
  EXPECT_EQ(ask(work).code, status_code::failed_precondition);
}

TEST_F(tokens, cannot_be_managed_by_any_token) {
  EXPECT_EQ(ask(make(operation::create_token, admin(), "x")).code, status_code::permission_denied);
  EXPECT_EQ(ask(make(operation::list_tokens, admin())).code, status_code::permission_denied);
  EXPECT_EQ(ask(make(operation::stats, admin())).code, status_code::permission_denied);
}

}  // namespace
}  // namespace factord::service

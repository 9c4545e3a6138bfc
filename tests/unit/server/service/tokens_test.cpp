#include <algorithm>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "tests/unit/support/service_fixture.hpp"

namespace factord::service::tokens_test {
namespace {

class tokens : public service_fixture {
 protected:
  const answer& revoke(std::string_view token_id) {
    call& pending = make(operation::revoke_token, {});
    pending.who.trusted = true;
    pending.in.token_id = token_id;
    return ask(pending);
  }
  const answer& list(std::size_t limit = 0, std::string_view after = {}) {
    call& pending = make(operation::list_tokens, {});
    pending.who.trusted = true;
    pending.in.limit = limit;
    pending.in.token_id = after;
    return ask(pending);
  }
  static std::vector<std::string> ids(const answer& listed) {
    std::vector<std::string> all;
    for (const storage::token_record& one : listed.tokens) all.push_back(one.token_id());
    return all;
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

TEST_F(tokens, are_listed_in_pages_by_their_ids) {
  for (int i = 0; i < 5; ++i) token("u" + std::to_string(i), {});
  const auto all = ids(list());
  ASSERT_EQ(all.size(), 5U);
  EXPECT_TRUE(std::ranges::is_sorted(all));
  EXPECT_EQ(list().next, "") << "there are no more";

  const answer first = list(2);
  EXPECT_EQ(ids(first), (std::vector<std::string>{all[0], all[1]}));
  EXPECT_EQ(first.next, all[1]);
  // Where the next page begins need not be a token any more.
  EXPECT_EQ(revoke(all[1]).code, status_code::ok);
  const answer second = list(2, first.next);
  EXPECT_EQ(ids(second), (std::vector<std::string>{all[2], all[3]}));
  const answer last = list(2, second.next);
  EXPECT_EQ(ids(last), (std::vector<std::string>{all[4]}));
  EXPECT_EQ(last.next, "");
  EXPECT_EQ(list(4, all[0]).next, "") << "exactly a page";
  EXPECT_TRUE(list(4, all[4]).tokens.empty());
}

TEST_F(tokens, more_than_a_page_are_not_listed_without_a_limit) {
  for (int i = 0; i < 1'000; ++i) token("u", {});
  EXPECT_EQ(list().tokens.size(), 1'000U);
  token("u", {});
  EXPECT_EQ(list().code, status_code::invalid_argument);
  EXPECT_EQ(list(1'000).tokens.size(), 1'000U);
  EXPECT_EQ(list(1'000, list(1'000).next).tokens.size(), 1U);
}

TEST_F(tokens, never_share_an_id) {
  // An id is drawn from eight bytes, a secret from more. The same four ids are drawn again and
  // again.
  unsigned char next = 0;
  draw_ = [&next, others = draw_](std::span<unsigned char> out) {
    if (out.size() != 8) return others(out);
    for (unsigned char& byte : out) byte = next++;
  };
  for (int i = 0; i < 4; ++i) {
    next = 0;
    token("u", {});
  }
  const auto all = ids(list());
  EXPECT_EQ(std::set(all.begin(), all.end()).size(), 4U);

  next = 0;
  call& fifth = make(operation::create_token, {}, "u");
  fifth.who.trusted = true;
  EXPECT_EQ(ask(fifth).code, status_code::internal);
  EXPECT_EQ(list().tokens.size(), 4U);
  for (const std::string& id : all) EXPECT_EQ(revoke(id).code, status_code::ok);
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
  for (call* pending : {&first, &second}) {
    pending->who.trusted = true;
    pending->in.token_id = id;
    users_->start(*pending);
  }
  ASSERT_TRUE(queue_->run_batch(now_));
  EXPECT_EQ(first.out.code, status_code::ok);
  EXPECT_EQ(second.out.code, status_code::not_found);
}

TEST_F(tokens, are_not_made_for_a_removed_user) {
  add_user("u1", "org1");
  ask(operation::delete_user, admin(), "u1");
  call& pending = make(operation::create_token, {}, "u1");
  pending.who.trusted = true;
  EXPECT_EQ(ask(pending).code, status_code::failed_precondition);
}

TEST_F(tokens, cannot_be_managed_by_any_token) {
  EXPECT_EQ(ask(make(operation::create_token, admin(), "x")).code, status_code::permission_denied);
  EXPECT_EQ(ask(make(operation::list_tokens, admin())).code, status_code::permission_denied);
  EXPECT_EQ(ask(make(operation::stats, admin())).code, status_code::permission_denied);
}

}  // namespace
}  // namespace factord::service::tokens_test

#include "server/service/token_bootstrap.hpp"

#include <string>
#include <utility>
#include <vector>

#include "storage/commit/single_commits.hpp"
#include "tests/unit/support/service_fixture.hpp"

namespace factord::service::token_bootstrap_test {
namespace {

using enum bootstrap_outcome;

bootstrap_grant owner() {
  bootstrap_grant grant{"ops", {}, ""};
  grant.roles.add(role::iam_owner);
  return grant;
}

class token_bootstrap_test : public service_fixture {
 protected:
  result<bootstrap_outcome> bring(const std::string& text, const bootstrap_grant& grant = owner()) {
    token_bootstrap command{grant, text, 0};
    storage::single_commits commits{store_};
    if (const auto done = commits.commit(command, now_); !done) return done.error();
    return command.outcome();
  }
  std::string refused(const std::string& text, const bootstrap_grant& grant = owner()) {
    const std::uint64_t before = last_sequence();
    const auto outcome = bring(text, grant);
    EXPECT_FALSE(outcome);
    EXPECT_EQ(last_sequence(), before);
    return outcome ? "" : outcome.error().message;
  }
  bool is_let_in(const std::string& text) {
    return ask(operation::get_user, text, "nobody").code != status_code::unauthenticated;
  }
};

TEST_F(token_bootstrap_test, is_made_once) {
  EXPECT_EQ(bring("text").value(), created);
  EXPECT_EQ(event_names(), std::vector<std::string>{"user.pat.added"});
  EXPECT_TRUE(is_let_in("text"));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(bring("text").value(), kept);
  EXPECT_EQ(last_sequence(), 1U);
}

TEST_F(token_bootstrap_test, of_another_text_replaces_it_in_one_go) {
  EXPECT_EQ(bring("one").value(), created);
  EXPECT_EQ(bring("two").value(), replaced);
  EXPECT_EQ(event_names(),
            (std::vector<std::string>{"user.pat.added", "user.pat.removed", "user.pat.added"}));
  EXPECT_FALSE(is_let_in("one"));
  EXPECT_TRUE(is_let_in("two"));
  EXPECT_EQ(bring("one").value(), replaced) << "and back";
  EXPECT_TRUE(is_let_in("one"));
  EXPECT_FALSE(is_let_in("two"));
}

TEST_F(token_bootstrap_test, of_another_user_or_with_other_roles_replaces_it) {
  EXPECT_EQ(bring("text").value(), created);
  bootstrap_grant other = owner();
  other.user_id = "other";
  EXPECT_EQ(bring("text", other).value(), replaced);
  bootstrap_grant of_org{"other", {}, "acme"};
  of_org.roles.add(role::org_owner);
  EXPECT_EQ(bring("text", of_org).value(), replaced);
  of_org.roles.add(role::org_user_manager);
  EXPECT_EQ(bring("text", of_org).value(), replaced);
  of_org.org = "umbrella";
  EXPECT_EQ(bring("text", of_org).value(), replaced);
  EXPECT_EQ(bring("text", of_org).value(), kept);
  EXPECT_TRUE(is_let_in("text"));
  EXPECT_EQ(last_sequence(), 9U);
}

TEST_F(token_bootstrap_test, that_was_revoked_comes_back) {
  EXPECT_EQ(bring("text").value(), created);
  call& revocation = make(operation::revoke_token, {});
  revocation.who.trusted = true;
  revocation.in.token_id = bootstrap_token_id;
  EXPECT_EQ(ask(revocation).code, status_code::ok);
  EXPECT_FALSE(is_let_in("text"));
  EXPECT_EQ(bring("text").value(), created);
  EXPECT_TRUE(is_let_in("text"));
}

TEST_F(token_bootstrap_test, is_no_token_that_somebody_has) {
  const std::string taken = token("u", {});
  EXPECT_NE(refused(taken).find("another token has that text"), std::string::npos);
  EXPECT_EQ(bring("text").value(), created);
  EXPECT_NE(refused(taken).find("another token has that text"), std::string::npos);
  EXPECT_TRUE(is_let_in("text")) << "what there was stays";
  EXPECT_TRUE(is_let_in(taken));
}

TEST_F(token_bootstrap_test, is_no_removed_users) {
  EXPECT_EQ(bring("text").value(), created);
  add_user("gone", "acme");
  EXPECT_EQ(ask(operation::delete_user, admin(), "gone").code, status_code::ok);
  bootstrap_grant of_gone = owner();
  of_gone.user_id = "gone";
  EXPECT_NE(refused("text", of_gone).find("the user was removed"), std::string::npos);
  EXPECT_TRUE(is_let_in("text"));
}

TEST(token_text_test, is_a_line_of_what_may_follow_bearer) {
  for (const auto& [file, text] : std::vector<std::pair<std::string, std::string>>{
           {"abc", "abc"},
           {"abc\n", "abc"},
           {"abc\r\n", "abc"},
           {"aZ09-._~+/==", "aZ09-._~+/=="},
           {std::string(512, 'x') + "\n", std::string(512, 'x')}}) {
    EXPECT_EQ(token_in(file).value(), text);
  }
  for (const auto& [file, part] : std::vector<std::pair<std::string, std::string>>{
           {"", "it is empty"},
           {"\n", "it is empty"},
           {"\r\n", "it is empty"},
           {std::string(513, 'x'), "at most 512 characters"},
           {"two words", "is one line of letters"},
           {"two\nlines", "is one line of letters"},
           {"text\n\n", "is one line of letters"},
           {" text", "is one line of letters"},
           {"a=b", "is one line of letters"},
           {"==", "is one line of letters"},
           {"t\xC3\xA4", "is one line of letters"},
           {std::string("a\0b", 3), "is one line of letters"}}) {
    const auto text = token_in(file);
    ASSERT_FALSE(text) << file;
    EXPECT_EQ(text.error().code, errc::bad_argument);
    EXPECT_NE(text.error().message.find(part), std::string::npos) << text.error().message;
    if (file.size() > 4) {
      EXPECT_EQ(text.error().message.find(file), std::string::npos) << "it is not shown";
    }
  }
}

}  // namespace
}  // namespace factord::service::token_bootstrap_test

#include <ostream>

#include "tests/unit/support/service_fixture.hpp"

namespace factord::service::life_cycle_test {
namespace {

using enum operation;

struct transition_case {
  std::string_view what;
  std::vector<operation> before;
  operation asked;
  status_code code;
  std::string_view error_id;
  std::string_view event;  ///< the last one, where it succeeds
};

// How a case is named in a test report.
void PrintTo(const transition_case& one, std::ostream* out) { *out << one.what; }

const std::vector<transition_case>& transition_cases() {
  constexpr auto ok = status_code::ok;
  constexpr auto wrong = status_code::failed_precondition;
  constexpr auto gone = status_code::not_found;
  static const std::vector<transition_case> cases{
      {"lock active", {}, lock_user, ok, "", "user.locked"},
      {"lock locked", {lock_user}, lock_user, wrong, "COMMAND-lgws8wtsqf", ""},
      {"lock inactive", {deactivate_user}, lock_user, wrong, "COMMAND-lgws8wtsqf", ""},
      {"lock removed", {delete_user}, lock_user, gone, "COMMAND-450yxuqrh1", ""},
      {"unlock locked", {lock_user}, unlock_user, ok, "", "user.unlocked"},
      {"unlock active", {}, unlock_user, wrong, "COMMAND-olb9vb0oca", ""},
      {"unlock removed", {delete_user}, unlock_user, gone, "COMMAND-x377t913pw", ""},
      {"deactivate active", {}, deactivate_user, ok, "", "user.deactivated"},
      {"deactivate locked", {lock_user}, deactivate_user, ok, "", "user.deactivated"},
      {"deactivate twice", {deactivate_user}, deactivate_user, wrong, "COMMAND-5gunjw0cd7", ""},
      {"deactivate removed", {delete_user}, deactivate_user, gone, "COMMAND-5gp2p62iin", ""},
      {"reactivate inactive", {deactivate_user}, reactivate_user, ok, "", "user.reactivated"},
      {"reactivate active", {}, reactivate_user, wrong, "COMMAND-s5qqcz97hf", ""},
      {"reactivate removed", {delete_user}, reactivate_user, gone, "COMMAND-9hy5kzbuk6", ""},
      {"remove active", {}, delete_user, ok, "", "user.removed"},
      {"remove locked", {lock_user}, delete_user, ok, "", "user.removed"},
      {"remove inactive", {deactivate_user}, delete_user, ok, "", "user.removed"},
      {"remove twice", {delete_user}, delete_user, gone, "COMMAND-bd4ir1mblj", ""},
  };
  return cases;
}

class life_cycle : public service_fixture, public ::testing::WithParamInterface<transition_case> {};

TEST_P(life_cycle, transition) {
  const transition_case& one = GetParam();
  add_user("u1", "org1");
  for (const operation step : one.before) {
    ASSERT_EQ(ask(step, admin(), "u1").code, status_code::ok) << one.what;
  }
  admin();
  const std::uint64_t before = last_sequence();
  const answer& done = ask(one.asked, admin(), "u1");
  EXPECT_EQ(done.code, one.code) << one.what;
  EXPECT_EQ(done.error_id, one.error_id) << one.what;
  EXPECT_EQ(last_sequence() - before, one.code == status_code::ok ? 1 : 0) << one.what;
  if (one.code == status_code::ok) {
    EXPECT_EQ(done.details.sequence, before + 1);
    EXPECT_EQ(done.details.resource_owner, "org1");
    EXPECT_EQ(event_names().back(), one.event);
  }
}

INSTANTIATE_TEST_SUITE_P(table, life_cycle, ::testing::ValuesIn(transition_cases()));

class life_cycle_permission : public service_fixture {};

TEST_F(life_cycle_permission, being_the_target_is_not_enough) {
  add_user("u1", "org1");
  const std::string self = token("u1", {});
  for (const operation op :
       {lock_user, unlock_user, deactivate_user, reactivate_user, delete_user}) {
    EXPECT_EQ(ask(op, self, "u1").error_id, "AUTH-AWfge") << traits(op).name;
  }
}

TEST_F(life_cycle_permission, existence_comes_before_the_org) {
  add_user("u1", "org1");
  const std::string other = token("x", {role::org_owner}, "org2");
  EXPECT_EQ(ask(lock_user, other, "nobody").error_id, "COMMAND-450yxuqrh1");
  EXPECT_EQ(ask(lock_user, other, "u1").error_id, "AUTH-AWfge");
}

TEST_F(life_cycle_permission, login_clients_may_lock_but_not_delete) {
  add_user("u1", "org1");
  const std::string login = token("x", {role::iam_login_client});
  EXPECT_EQ(ask(lock_user, login, "u1").code, status_code::ok);
  EXPECT_EQ(ask(delete_user, login, "u1").error_id, "AUTH-AWfge");
}

TEST_F(life_cycle_permission, removal_frees_the_username_but_not_the_id) {
  add_user("u1", "org1");
  ASSERT_EQ(ask(delete_user, admin(), "u1").code, status_code::ok);
  call& same_name = make(add_human_user, admin(), "u2");
  same_name.in.org = "org1";
  same_name.in.username = "u1";
  same_name.in.email = "u1@example.org";
  EXPECT_EQ(ask(same_name).code, status_code::ok);
  call& same_id = make(add_human_user, admin(), "u1");
  same_id.in.org = "org1";
  same_id.in.username = "new";
  same_id.in.email = "new@example.org";
  EXPECT_EQ(ask(same_id).error_id, "COMMAND-7yiox1isql");
}

}  // namespace
}  // namespace factord::service::life_cycle_test

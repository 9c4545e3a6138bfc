#include <map>
#include <set>
#include <vector>

#include "tests/unit/server/service/credentials/jwt_fixture.hpp"

/// Who is allowed what, and where, by the roles of a JWT.
namespace factord::service::jwt_roles_test {
namespace {

class jwt_roles : public testing::jwt_fixture {
 protected:
  jwt_roles() { admin(); }
};

enum class right { read, write, credential, erase };

struct action {
  operation op;
  right needed;
};

constexpr auto actions = std::to_array<action>({
    {operation::get_user, right::read},
    {operation::list_method_types, right::read},
    {operation::list_factors, right::read},
    {operation::lock_user, right::write},
    {operation::deactivate_user, right::write},
    {operation::add_otp_email, right::credential},
    {operation::remove_otp_email, right::write},
    {operation::delete_user, right::erase},
});

// API.md, section 5, once more.
const std::set<right>& rights_of(std::string_view name) {
  using enum right;
  static const std::map<std::string_view, std::set<right>> table{
      {"owner", {read, write, credential, erase}},
      {"manager", {read, write, erase}},
      {"viewer", {read}},
      {"iam", {read, write, credential, erase}},
      {"iam-viewer", {read}},
      {"iam-manager", {read, write, erase}}};
  return table.at(name);
}

struct row {
  std::string claim;
  std::map<std::string, std::vector<std::string_view>> held;  ///< by organization
};

std::map<std::string, std::vector<std::string_view>> everywhere(
    std::vector<std::string_view> held) {
  return {{"org1", held}, {"org2", held}, {"org3", held}};
}

// Several grants, each of which holds on its own organization alone.
const std::vector<row>& table() {
  static const std::vector<row> rows{
      {"{}", {}},
      {R"({"owner":{"org1":"x"}})", {{"org1", {"owner"}}}},
      {R"({"manager":{"org1":"x","org2":"x"}})", {{"org1", {"manager"}}, {"org2", {"manager"}}}},
      {R"({"owner":{"org1":"x"},"viewer":{"org2":"x"}})",
       {{"org1", {"owner"}}, {"org2", {"viewer"}}}},
      {R"({"owner":{"org1":"x"},"manager":{"org2":"x"},"viewer":{"org3":"x","org2":"x"}})",
       {{"org1", {"owner"}}, {"org2", {"manager", "viewer"}}, {"org3", {"viewer"}}}},
      {R"({"owner":{"elsewhere":"x"}})", {}},
      {R"({"owner":{"org1":"org2"},"other":{"org2":"x"}})", {{"org1", {"owner"}}}},
      // Of all organizations only by a claim of none, and of one only by a claim of that.
      {R"({"iam":{"org1":"x"},"iam-viewer":{"org2":"x"}})", {}},
      {R"({"iam":{"org1":"x"},"viewer":{"org1":"x"}})", {{"org1", {"viewer"}}}},
      {R"(["owner","manager","viewer"])", {}},
      {R"(["iam"])", everywhere({"iam"})},
      {R"(["iam-viewer"])", everywhere({"iam-viewer"})},
      {R"(["iam-manager","owner"])", everywhere({"iam-manager"})},
      {R"(["other"])", {}},
      {"[]", {}},
      {"null", {}},
  };
  return rows;
}

TEST_F(jwt_roles, allow_each_operation_exactly_where_a_grant_says_so) {
  int count = 0;
  for (const row& one : table()) {
    const std::string by = jwt("machine", R"("roles":)" + one.claim);
    for (const std::string org : {"org1", "org2", "org3"}) {
      for (const action& tried : actions) {
        const std::string id = "u" + std::to_string(count++);
        add_user(id, org);
        if (tried.op == operation::remove_otp_email) add_factor(id);
        bool allowed = false;
        const auto held = one.held.find(org);
        if (held != one.held.end()) {
          for (const std::string_view name : held->second)
            allowed |= rights_of(name).contains(tried.needed);
        }
        EXPECT_EQ(ask(tried.op, by, id).code,
                  allowed ? status_code::ok : status_code::permission_denied)
            << one.claim << ' ' << org << ' ' << traits(tried.op).name;
      }
    }
  }
}

TEST_F(jwt_roles, events_are_for_who_may_see_all) {
  EXPECT_EQ(ask(operation::list_events, jwt("m", R"("roles":["iam-viewer"])"), "").code,
            status_code::ok);
  EXPECT_EQ(ask(operation::list_events, jwt("m", R"("roles":{"owner":{"org1":"x"}})"), "").code,
            status_code::permission_denied);
}

// An organization has to be named by who could mean several.
TEST_F(jwt_roles, a_new_user_is_of_the_only_organization_or_of_the_one_that_is_named) {
  const auto add = [&](const std::string& by, std::string_view org) {
    call& pending = make(operation::add_human_user, by);
    pending.in.org = org;
    pending.in.username = pending.in.email = "n" + std::to_string(last_sequence()) + "@x.example";
    pending.in.person.set_given_name("N");
    pending.in.person.set_family_name("N");
    return ask(pending);
  };
  const std::string one = jwt("m", R"("roles":{"manager":{"org1":"x"}})");
  const std::string two = jwt("m", R"("roles":{"manager":{"org1":"x","org2":"x"}})");
  const answer alone = add(one, "");
  EXPECT_EQ(alone.code, status_code::ok) << alone.message;
  EXPECT_EQ(alone.details.resource_owner, "org1");
  EXPECT_EQ(add(two, "org2").details.resource_owner, "org2");
  EXPECT_NE(add(two, "").code, status_code::ok);
  EXPECT_EQ(add(two, "org3").code, status_code::permission_denied);
  EXPECT_EQ(add(one, "org2").code, status_code::permission_denied);
}

TEST_F(jwt_roles, without_any_a_subject_has_itself) {
  add_user("self", "org1");
  add_user("other", "org1");
  add_factor("self");
  const std::string by = jwt("self");
  EXPECT_EQ(ask(operation::get_user, by, "self").code, status_code::ok);
  EXPECT_EQ(ask(operation::get_user, by, "other").code, status_code::permission_denied);
  EXPECT_EQ(ask(operation::lock_user, by, "self").code, status_code::permission_denied);
  EXPECT_EQ(ask(operation::remove_otp_email, by, "self").code, status_code::ok);
  const std::string nobody = jwt("nobody");
  for (const std::string_view id : {"self", "other"}) {
    EXPECT_EQ(ask(operation::get_user, nobody, id).code, status_code::permission_denied) << id;
  }
  EXPECT_EQ(ask(operation::get_user, nobody, "nobody").code, status_code::not_found);
}

}  // namespace
}  // namespace factord::service::jwt_roles_test

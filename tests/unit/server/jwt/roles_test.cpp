#include "server/jwt/roles.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "server/jwt/strict_json.hpp"
#include "tests/unit/server/jwt/token_fixture.hpp"

namespace factord::jwt::roles_test {
namespace {

// By organization, what is given there; as text where it is refused.
using told = std::map<std::string, std::set<std::size_t>>;

const issuer_rules& rules_of(std::string_view claim) {
  static issuer_rules rules;
  rules.roles_claim = claim;
  rules.roles = {"admin", "viewer", "admin"};  // one that means two things
  return rules;
}

std::string refused(std::string_view claim, std::string_view payload) {
  const auto read = read_roles(parse_strict_json(payload)->get_object(), rules_of(claim));
  return read ? "" : std::string(name(read.error()));
}

told read(std::string_view claim, std::string_view payload) {
  const auto found = read_roles(parse_strict_json(payload)->get_object(), rules_of(claim));
  EXPECT_TRUE(found) << payload;
  told all;
  if (!found) return all;
  for (const org_roles& one : *found) {
    EXPECT_FALSE(all.contains(one.org)) << "each organization stands once";
    all[one.org] = {one.roles.begin(), one.roles.end()};
    EXPECT_EQ(all[one.org].size(), one.roles.size()) << "and each role";
  }
  return all;
}

constexpr std::string_view zitadel = "urn:zitadel:iam:org:project:roles";

TEST(roles, are_those_of_zitadel_by_organization) {
  const std::string claim = R"({"urn:zitadel:iam:org:project:roles":)";
  EXPECT_EQ(read(zitadel, claim + R"({"admin":{"1":"a.example","2":"b.example"}}})"),
            (told{{"1", {0, 2}}, {"2", {0, 2}}}));
  EXPECT_EQ(read(zitadel, claim + R"({"admin":{"1":"a"},"viewer":{"1":"a","2":"b"}}})"),
            (told{{"1", {0, 1, 2}}, {"2", {1}}}));
  EXPECT_EQ(read(zitadel, claim + R"({"other":{"1":"a"}}})"), told{});
  EXPECT_EQ(read(zitadel, claim + R"({"admin":{}}})"), told{});
  EXPECT_EQ(read(zitadel, claim + "{}}"), told{});
}

TEST(roles, are_those_of_keycloak_and_entra_everywhere) {
  EXPECT_EQ(read("realm_access.roles", R"({"realm_access":{"roles":["admin","x","viewer"]}})"),
            (told{{"", {0, 1, 2}}}));
  EXPECT_EQ(read("roles", R"({"roles":["viewer","viewer"]})"), (told{{"", {1}}}));
  EXPECT_EQ(read("roles", R"({"roles":["Admin","admin "]})"), told{});
  EXPECT_EQ(read("roles", R"({"roles":[]})"), told{});
}

TEST(roles, the_whole_name_comes_before_the_path) {
  EXPECT_EQ(read("a.b", R"({"a.b":["admin"],"a":{"b":["viewer"]}})"), (told{{"", {0, 2}}}));
  EXPECT_EQ(read("a.b", R"({"a":{"b":["viewer"]}})"), (told{{"", {1}}}));
  EXPECT_EQ(read("a.b.c", R"({"a":{"b.c":["viewer"],"b":{"c":["admin"]}}})"), (told{{"", {1}}}));
  EXPECT_EQ(read("a.b.c", R"({"a":{"b":{"c":["admin"]}}})"), (told{{"", {0, 2}}}));
  EXPECT_EQ(read("a.b", R"({"a.b":[],"a":{"b":["viewer"]}})"), told{});
  EXPECT_EQ(read("https://x.example/roles", R"({"https://x.example/roles":["viewer"]})"),
            (told{{"", {1}}}));
}

TEST(roles, where_there_is_no_claim_there_are_none) {
  for (const char* payload : {"{}", R"({"a":{}})", R"({"a":{"c":[]}})", R"({"a":null})",
                              R"({"a":{"b":null}})", R"({"b":["admin"]})"})
    EXPECT_EQ(read("a.b", payload), told{}) << payload;
  EXPECT_EQ(read("", R"({"":["admin"],"roles":["admin"]})"), told{}) << "none is configured";
}

TEST(roles, another_shape_is_refused) {
  for (const char* payload :
       {R"({"a":"admin"})", R"({"a":7})", R"({"a":true})", R"({"a":{"b":"admin"}})",
        R"({"a":{"b":7}})", R"({"a":["b"]})", R"({"a":{"b":[7]}})", R"({"a":{"b":["admin",null]}})",
        R"({"a":{"b":[["admin"]]}})", R"({"a":{"b":[{"admin":1}]}})", R"({"a":{"b":{"admin":[]}}})",
        R"({"a":{"b":{"admin":null}}})", R"({"a":{"b":{"admin":"1"}}})",
        R"({"a":{"b":{"other":"1"}}})", R"({"a":{"b":{"admin":{"1":null}}}})",
        R"({"a":{"b":{"admin":{"1":{}}}}})", R"({"a":{"b":{"admin":{"":"x"}}}})"})
    EXPECT_EQ(refused("a.b", payload), "roles") << payload;
  const auto id_of = [](std::size_t size) {
    return R"({"a":{"admin":{")" + std::string(size, 'i') + R"(":"x"}}})";
  };
  EXPECT_EQ(refused("a", id_of(200)), "");
  EXPECT_EQ(refused("a", id_of(201)), "roles");
}

std::string orgs(std::size_t count, std::string_view role) {
  std::string list;
  for (std::size_t i = 0; i < count; ++i)
    list += (i == 0 ? "\"" : ",\"") + std::to_string(i) + R"(":"x")";
  return "\"" + std::string(role) + "\":{" + list + "}";
}

TEST(roles, organizations_have_a_bound) {
  const auto payload = [](const std::string& roles) { return R"({"a":{)" + roles + "}}"; };
  EXPECT_EQ(read("a", payload(orgs(organizations_max, "admin"))).size(), organizations_max);
  EXPECT_EQ(refused("a", payload(orgs(organizations_max + 1, "admin"))), "organizations");
  EXPECT_EQ(refused("a", payload(orgs(100, "admin") + "," + orgs(128, "viewer"))), "");
  EXPECT_EQ(refused("a", payload(orgs(100, "admin") + "," + orgs(129, "viewer"))), "organizations");
  EXPECT_EQ(read("a", payload(orgs(300, "other"))), told{}) << "of roles that mean nothing any";
}

TEST(roles, are_read_of_tokens_and_a_wrong_shape_refuses_them) {
  testing::world with;
  with.rules().roles_claim = "roles";
  with.rules().roles = {"admin"};
  const auto token = [](std::string roles) {
    return testing::signer_of(algorithm::eddsa)
        .sign(testing::payload({{"roles", std::move(roles)}}));
  };
  const auto judged = with.judge(token(R"({"admin":{"1":"x"}})"));
  ASSERT_TRUE(judged);
  ASSERT_EQ(judged->roles.size(), 1U);
  EXPECT_EQ(judged->roles[0].org, "1");
  EXPECT_EQ(judged->roles[0].roles, std::vector<std::size_t>{0});
  EXPECT_EQ(with.verdict(token("7")), "roles");
  EXPECT_EQ(with.verdict(token("{" + orgs(129, "admin") + "}")), "organizations");
}

}  // namespace
}  // namespace factord::jwt::roles_test

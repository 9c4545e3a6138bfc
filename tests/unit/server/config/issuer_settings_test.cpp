// Whose tokens are taken: from flags, variables, keys of the file and its [[jwt]], and back.

#include "server/config/issuer_settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "server/config/config.hpp"
#include "server/config/settings.hpp"
#include "tests/unit/support/temp_directory.hpp"

namespace factord::issuer_settings_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using kind = jwt::key_place::kind;
using service::role;

class issuer_settings_test : public ::testing::Test {
 protected:
  config_outcome load(const std::vector<const char*>& more, const environment& variables = {}) {
    std::vector<const char*> arguments = {"--data-dir", "d"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return load_config(arguments, variables);
  }

  config_outcome load_file(const std::string& text, std::vector<const char*> more = {}) {
    std::ofstream(path_) << text;
    more.insert(more.end(), {"--config", path_.c_str()});
    return load(more);
  }

  std::vector<net::issuer_option> issuers(const config_outcome& outcome) {
    EXPECT_TRUE(outcome.ready) << outcome.text;
    return outcome.ready ? outcome.ready->jwt.all().all : std::vector<net::issuer_option>{};
  }

  void check_one(const config_outcome& outcome) {
    const auto all = issuers(outcome);
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].rules.issuer, "https://idp.example/r");
    EXPECT_EQ(all[0].rules.audience, "factord");
    EXPECT_EQ(all[0].rules.keys.which, kind::url);
    EXPECT_EQ(all[0].rules.keys.where, "https://idp.example/keys");
    EXPECT_EQ(all[0].rules.roles_claim, "realm_access.roles");
    EXPECT_EQ(all[0].rules.roles, (std::vector<std::string>{"factor-admin", "viewer"}));
    EXPECT_EQ(all[0].roles, (std::vector<role>{role::org_user_manager, role::iam_owner_viewer}));
    EXPECT_EQ(outcome.ready->jwt.all().ca_file, "ca.pem");
  }

  const temp_directory directory_;
  const std::string path_ = (directory_.path() / "f.toml").string();
};

const std::vector<const char*> whole = {"--jwt-issuer",      "https://idp.example/r",
                                        "--jwt-audience",    "factord",
                                        "--jwt-jwks-url",    "https://idp.example/keys",
                                        "--jwt-roles-claim", "realm_access.roles",
                                        "--jwt-role-map",    "factor-admin=ORG_USER_MANAGER",
                                        "--jwt-role-map",    "viewer=IAM_OWNER_VIEWER",
                                        "--jwt-ca",          "ca.pem"};

TEST_F(issuer_settings_test, nobody_is_trusted_unless_somebody_says_so) {
  EXPECT_TRUE(issuers(load({})).empty());
}

TEST_F(issuer_settings_test, one_from_every_source) {
  check_one(load(whole));
  check_one(load({}, {{"FACTORD_JWT_ISSUER", "https://idp.example/r"},
                      {"FACTORD_JWT_AUDIENCE", "factord"},
                      {"FACTORD_JWT_JWKS_URL", "https://idp.example/keys"},
                      {"FACTORD_JWT_ROLES_CLAIM", "realm_access.roles"},
                      {"FACTORD_JWT_ROLE_MAP",
                       "factor-admin=ORG_USER_MANAGER,viewer="
                       "IAM_OWNER_VIEWER"},
                      {"FACTORD_JWT_CA", "ca.pem"}}));
  check_one(load_file(R"(
jwt-issuer = "https://idp.example/r"
jwt-audience = "factord"
jwt-jwks-url = "https://idp.example/keys"
jwt-roles-claim = "realm_access.roles"
jwt-role-map = ["factor-admin=ORG_USER_MANAGER", "viewer=IAM_OWNER_VIEWER"]
jwt-ca = "ca.pem"
)"));
  check_one(load_file(R"(
jwt-ca = "ca.pem"
[[jwt]]
issuer = "https://idp.example/r"
audience = "factord"
jwks-url = "https://idp.example/keys"
roles-claim = "realm_access.roles"
role-map = { "factor-admin" = "ORG_USER_MANAGER", "viewer" = "IAM_OWNER_VIEWER" }
)"));
}

TEST_F(issuer_settings_test, without_a_place_the_issuer_is_asked_for_it) {
  const auto all = issuers(load({"--jwt-issuer", "https://a/", "--jwt-audience", "x"}));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].rules.keys.which, kind::discovery);
  EXPECT_EQ(all[0].rules.issuer, "https://a/");
}

TEST_F(issuer_settings_test, a_role_of_theirs_may_be_any_text) {
  const auto all =
      issuers(load({"--jwt-issuer", "any text", "--jwt-audience", "x", "--jwt-jwks-file", "k",
                    "--jwt-roles-claim", "r", "--jwt-role-map", "a=b, c=IAM_OWNER"}));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].rules.roles, std::vector<std::string>{"a=b, c"});
  EXPECT_EQ(all[0].rules.keys.which, kind::file);
}

struct bad_flags {
  std::vector<const char*> arguments;
  const char* part;
};

TEST_F(issuer_settings_test, what_is_wrong_is_said) {
  const auto with_keys = [](std::vector<const char*> more) {
    more.insert(more.begin(), {"--jwt-issuer", "https://a", "--jwt-audience", "x"});
    return more;
  };
  for (const bad_flags& one : std::vector<bad_flags>{
           {{"--jwt-issuer", "https://a"}, "--jwt-issuer needs --jwt-audience"},
           {{"--jwt-audience", "x"}, "--jwt-audience needs --jwt-issuer"},
           {{"--jwt-jwks-file", "x"}, "--jwt-jwks-file needs --jwt-issuer"},
           {{"--jwt-role-map", "a=IAM_OWNER"}, "--jwt-role-map needs --jwt-issuer"},
           {{"--jwt-ca", "x"}, "--jwt-ca needs --jwt-issuer"},
           {{"--jwt-isuer", "x"}, "is --jwt-issuer meant?"},
           {{"--jwt-issuer", "a\nb"}, "without control characters"},
           {{"--jwt-issuer", "\xff"}, "of UTF-8"},
           {{"--jwt-issuer", "http://a.example", "--jwt-audience", "x"}, "https is needed"},
           {{"--jwt-issuer", "no URL", "--jwt-audience", "x"}, "a URL is needed"},
           {{"--jwt-issuer", "https://a?b", "--jwt-audience", "x"}, "has a query"},
           {with_keys({"--jwt-jwks-url", "http://a.example/k"}), "https is needed"},
           {with_keys({"--jwt-jwks-url", "k"}), "a URL is needed"},
           {with_keys({"--jwt-jwks-url", "https://u:p@a/k"}), "a URL is needed"},
           {with_keys({"--jwt-jwks-file", "k", "--jwt-jwks-url", "https://a/k"}), "not in both"},
           {with_keys({"--jwt-role-map", "a=IAM_OWNER"}),
            "--jwt-roles-claim and --jwt-role-map need each other"},
           {with_keys({"--jwt-roles-claim", "r"}), "need each other"},
           {with_keys({"--jwt-roles-claim", "r", "--jwt-role-map", "a=IAM_OWNR"}),
            "there is no role 'IAM_OWNR': is IAM_OWNER meant?"},
           {with_keys({"--jwt-roles-claim", "r", "--jwt-role-map", "a=x"}),
            "there is no role 'x': IAM_OWNER or another is needed"},
           {with_keys({"--jwt-roles-claim", "r", "--jwt-role-map", "IAM_OWNER"}),
            "ROLE=OURS is needed"},
           {with_keys({"--jwt-roles-claim", "r", "--jwt-role-map", "=IAM_OWNER"}),
            "ROLE=OURS is needed"},
           {with_keys({"--jwt-roles-claim", "r", "--jwt-role-map", "a=IAM_OWNER", "--jwt-role-map",
                       "a=ORG_OWNER"}),
            "'a' is mapped twice"}}) {
    const auto outcome = load(one.arguments);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.text, HasSubstr(one.part));
  }
}

struct bad_text {
  std::string text;
  const char* part;
};

TEST_F(issuer_settings_test, what_is_wrong_in_the_file_is_said_with_its_line) {
  const std::string good = "[[jwt]]\nissuer = \"https://a\"\naudience = \"x\"\n";
  for (const bad_text& one : std::vector<bad_text>{
           {"[[jwt]]\n", "line 1: issuer and audience are needed"},
           {"[[jwt]]\nissuer = \"https://a\"", "line 1: issuer needs audience"},
           {"[[jwt]]\naudience = \"x\"", "line 1: audience needs issuer"},
           {good + "isuer = \"x\"", "line 4: unknown key 'isuer' in [[jwt]]: is issuer meant?"},
           {good + "jwt-jwks-url = \"x\"", "is jwks-url meant?"},
           {good + "jwks-url = \"k\"", "line 4: jwks-url 'k': a URL is needed"},
           {good + "jwks-url = [\"k\"]", "line 4: 'jwks-url' is one string in quotes"},
           {good + "jwks-url = 1", "line 4: 'jwks-url' is one string in quotes"},
           {good + "jwks-file = \"a\"\njwks-url = \"https://a\"", "line 5: jwks-url 'https://a'"},
           {good + "role-map = { a = \"IAM_OWNER\" }", "roles-claim and role-map need each other"},
           {good + "roles-claim = \"r\"\nrole-map = {}", "line 5: 'role-map' is empty"},
           {good + "roles-claim = \"r\"\nrole-map = [\"a=IAM_OWNER\"]", "'role-map' is a table"},
           {good + "roles-claim = \"r\"\nrole-map = { a = \"IAM_OWNR\" }", "is IAM_OWNER meant?"},
           {good + good, "line 4: the issuer 'https://a' is there twice"},
           {"jwt-role-map = { a = \"IAM_OWNER\" }", "there are no sections"},
           {"[jwt]\nissuer = \"a\"", "write [[jwt]]"},
           {"jwt-issuer = \"https://b\"\njwt-audience = \"x\"\n" + good, "exclude each other"}}) {
    const auto outcome = load_file(one.text);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.text, HasSubstr(path_));
    EXPECT_THAT(outcome.text, HasSubstr(one.part));
  }
  const auto both = load_file(good, {"--jwt-issuer", "https://b", "--jwt-audience", "x"});
  EXPECT_EQ(both.exit_code, 2);
  EXPECT_THAT(both.text, HasSubstr("--jwt-issuer and " + path_ + ", line 1: [[jwt]]"));
}

TEST_F(issuer_settings_test, no_more_than_32_of_them) {
  std::string text;
  for (int i = 0; i < 33; ++i) {
    EXPECT_TRUE(load_file(text).ready) << i;
    text += "[[jwt]]\naudience = \"x\"\nissuer = \"https://a" + std::to_string(i) + "\"\n";
  }
  EXPECT_THAT(load_file(text).text, HasSubstr("at most 32 [[jwt]]"));
}

TEST_F(issuer_settings_test, what_is_printed_is_read_back) {
  const std::string odd = R"([[jwt]]
issuer = "https://a\u007f\"q\""
audience = "x"
jwks-file = "k"
[[jwt]]
issuer = "https://b"
audience = "x"
roles-claim = "urn:zitadel:iam:org:project:roles"
role-map = { "a\\b" = "IAM_OWNER", "c d" = "ORG_OWNER" }
)";
  EXPECT_FALSE(load_file(odd).ready) << "control characters";
  std::string good = odd;
  good.replace(good.find("\\u007f"), 6, "");
  const auto first = load_file(good, {"--print-config"});
  EXPECT_EQ(first.exit_code, 0) << first.text;
  EXPECT_THAT(first.text, HasSubstr("[[jwt]]  # " + path_ + ", line 1\n"));
  const auto again = load_file(first.text);
  const auto before = issuers(load_file(good));
  const auto after = issuers(load_file(first.text));
  ASSERT_EQ(before.size(), 2U);
  ASSERT_EQ(after.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(before[i].rules.issuer, after[i].rules.issuer);
    EXPECT_EQ(before[i].rules.keys.where, after[i].rules.keys.where);
    EXPECT_EQ(before[i].rules.roles, after[i].rules.roles);
    EXPECT_EQ(before[i].roles, after[i].roles);
  }
  auto printing = whole;
  printing.push_back("--print-config");
  check_one(load_file(load(printing).text));
}

TEST_F(issuer_settings_test, are_shown) {
  const auto one = load(whole);
  ASSERT_TRUE(one.ready);
  EXPECT_THAT(settings_as_json(*one.ready),
              HasSubstr(R"("jwt-role-map":["factor-admin=ORG_USER_MANAGER","viewer=)"
                        R"(IAM_OWNER_VIEWER"],"jwt-ca":"ca.pem")"));
  EXPECT_THAT(settings_as_json(*one.ready), Not(HasSubstr(R"("jwt":)")));
  const auto tables = load_file(
      "[[jwt]]\nissuer = \"https://a\"\naudience = \"x\"\nroles-claim = \"r\"\n"
      "role-map = { b = \"IAM_OWNER\" }\n");
  ASSERT_TRUE(tables.ready) << tables.text;
  EXPECT_THAT(settings_as_json(*tables.ready),
              HasSubstr(R"("jwt":[{"issuer":"https://a","audience":"x","roles-claim":"r",)"
                        R"("role-map":{"b":"IAM_OWNER"}}])"));
}

}  // namespace
}  // namespace factord::issuer_settings_test

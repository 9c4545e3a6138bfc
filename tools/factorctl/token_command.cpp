#include <CLI/CLI.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "tools/common/duration.hpp"
#include "tools/factorctl/admin_client.hpp"
#include "tools/factorctl/command_line.hpp"
#include "tools/factorctl/option_checks.hpp"
#include "tools/factorctl/report.hpp"
#include "tools/factorctl/text_table.hpp"
#include "tools/factorctl/token_grant.hpp"

namespace factord::ctl {
namespace {

using std::filesystem::path;
namespace json = boost::json;

constexpr std::size_t tokens_per_page = 1'000;

struct create_options {
  std::string user;
  std::vector<std::string> roles;
  std::string org;
  std::string expires;
};

json::object create_request(const create_options& options) {
  json::object request{{"userId", options.user},
                       {"roles", json::array(options.roles.begin(), options.roles.end())}};
  if (!options.org.empty()) request["organization"] = options.org;
  if (const auto span = tools::parse_duration(options.expires)) {
    request["expiresInSeconds"] = std::to_string(span->count());
  }
  return request;
}

result<exit_code> create(const path& data_dir, const create_options& options) {
  const result<void> grant = check_grant(options.roles, options.org);
  if (!grant) return grant.error();
  const auto answer =
      accepted(ask_server(data_dir, "POST", "/admin/v1/tokens", create_request(options)));
  if (!answer) return answer.error();
  const std::string token = member(*answer, "token");
  if (token.empty()) return error{errc::io_error, "the server's answer holds no token"};
  const std::string id = printable(member(*answer, "tokenId"));
  return report(token + '\n', "token " + id +
                                  " was made, and its secret is lost: revoke it with factorctl "
                                  "--data-dir '" +
                                  data_dir.string() + "' token revoke " + id);
}

std::vector<std::string> table_row(const json::object& token) {
  std::string roles;
  if (const auto* names = token.if_contains("roles"); names != nullptr && names->is_array()) {
    for (const json::value& name : names->get_array()) {
      if (!roles.empty()) roles += ',';
      if (name.is_string()) roles += name.get_string();
    }
  }
  // No cell is empty, so that columns can be told apart by their spaces.
  const std::string org = member(token, "organization");
  const std::string expires = member(token, "expirationDate");
  return {printable(member(token, "tokenId")), printable(member(token, "userId")),
          roles.empty() ? "-" : printable(roles), org.empty() ? "-" : printable(org),
          expires.empty() ? "never" : printable(expires)};
}

std::string list_target(const std::string& after) {
  std::string target = "/admin/v1/tokens?limit=" + std::to_string(tokens_per_page);
  if (!after.empty()) target += "&after=" + percent_encoded(after);
  return target;
}

void take_page(const json::object& answer, bool as_json,
               std::vector<std::vector<std::string>>& rows) {
  const auto* tokens = answer.if_contains("tokens");
  if (tokens == nullptr || !tokens->is_array()) return;
  for (const json::value& token : tokens->get_array()) {
    if (as_json) std::printf("%s\n", printable_json(json::serialize(token)).c_str());
    if (!as_json && token.is_object()) rows.push_back(table_row(token.get_object()));
  }
}

result<exit_code> list(const path& data_dir, bool as_json) {
  std::vector<std::vector<std::string>> rows;
  std::string after;
  do {
    const auto answer = accepted(ask_server(data_dir, "GET", list_target(after)));
    if (!answer) return answer.error();
    take_page(*answer, as_json, rows);
    // Ids must rise, or we would ask for ever.
    const std::string next = member(*answer, "next");
    if (!next.empty() && next <= after) {
      return error{errc::io_error, "the server's tokens are not in order after " + after};
    }
    after = next;
    // Nobody reads on: stop asking. main says so.
    if (std::ferror(stdout) != 0) return exit_code::failure;
  } while (!after.empty());
  if (!as_json) {
    std::fputs(format_table({"ID", "SUBJECT", "ROLES", "ORG", "EXPIRES"}, rows).c_str(), stdout);
  }
  return exit_code::success;
}

result<exit_code> revoke(const path& data_dir, const std::string& id) {
  const auto answer = ask_server(data_dir, "DELETE", "/admin/v1/tokens/" + percent_encoded(id));
  if (answer && answer->status == 404) {
    return error{errc::io_error, "there is no token with the id " + printable(id)};
  }
  const auto accepted_answer = accepted(answer);
  if (!accepted_answer) return accepted_answer.error();
  const std::string shown = printable(id);
  return report("revoked " + shown + '\n', "token " + shown + " is revoked");
}

void add_create(CLI::App& token, invocation& call) {
  auto* app = token.add_subcommand("create", "Make a token and print it, alone, on stdout");
  const auto options = std::make_shared<create_options>();
  app->add_option("--user", options->user, "Whose token it is: a user id, of this store or not")
      ->type_name("ID")
      ->check(check_id)
      ->required();
  app->add_option("--role", options->roles,
                  "What it allows; may be repeated. Without one: the user's own factors only")
      ->type_name("ROLE")
      ->allow_extra_args(false)
      ->check(check_role);
  app->add_option("--org", options->org, "The organization on which ORG_ roles hold")
      ->type_name("ORG")
      ->check(check_id);
  app->add_option("--expires", options->expires,
                  "How long it is valid: a number and s, m, h or d; for ever if not given")
      ->type_name("30d")
      ->check(check_duration);
  app->footer(
      "IAM_OWNER, IAM_OWNER_VIEWER, IAM_ORG_MANAGER, IAM_USER_MANAGER and IAM_LOGIN_CLIENT hold "
      "on\n"
      "every organization; ORG_OWNER, ORG_OWNER_VIEWER and ORG_USER_MANAGER on the one of --org.\n"
      "The token is shown this once; only its SHA-256 is kept.\n\nExample:\n"
      "  TOKEN=$(factorctl --data-dir data token create --user ops --role ORG_OWNER \\\n"
      "          --org acme --expires 30d)");
  app->callback([options, &call] {
    call.run = [options](const path& data_dir) { return create(data_dir, *options); };
  });
}

void add_list_tokens(CLI::App& token, invocation& call) {
  auto* app = token.add_subcommand("list", "List the tokens; their secrets are kept nowhere");
  const auto as_json = std::make_shared<bool>(false);
  app->add_flag("--json", *as_json, "One JSON object a line, instead of a table");
  app->footer("Example:\n  factorctl --data-dir data token list");
  app->callback([as_json, &call] {
    call.run = [as_json](const path& data_dir) { return list(data_dir, *as_json); };
  });
}

void add_revoke(CLI::App& token, invocation& call) {
  auto* app = token.add_subcommand("revoke", "Make a token invalid, everywhere, at once");
  const auto id = std::make_shared<std::string>();
  app->add_option("ID", *id, "The token's id, as token list shows it")->required();
  app->footer("Example:\n  factorctl --data-dir data token revoke 283746501928374650");
  app->callback(
      [id, &call] { call.run = [id](const path& data_dir) { return revoke(data_dir, *id); }; });
}

}  // namespace

void add_token_command(CLI::App& app, invocation& call) {
  auto* token = app.add_subcommand("token", "Personal access tokens: create, list, revoke");
  token->require_subcommand(1);
  token->footer("Example:\n  factorctl --data-dir data token create --user ops --role IAM_OWNER");
  add_create(*token, call);
  add_list_tokens(*token, call);
  add_revoke(*token, call);
}

}  // namespace factord::ctl

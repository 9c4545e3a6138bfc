#include "server/config/issuer_settings.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "server/config/nearest_name.hpp"
#include "server/net/http_url.hpp"
#include "server/protocol/json/text.hpp"
#include "server/protocol/json/writer.hpp"
#include "server/service/text.hpp"
#include "storage/base/enum_table.hpp"

namespace factord {
namespace issuer_values {
namespace {

using kind = jwt::key_place::kind;

constexpr std::size_t text_bytes_max = 2048;
constexpr std::size_t roles_max = 256;

error bad(const std::string& message) { return {errc::bad_argument, message}; }

result<void> set_text(std::string_view text, std::string& out) {
  const bool plain = std::ranges::none_of(
      text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
  if (text.empty() || text.size() > text_bytes_max || !plain || !service::is_storable(text))
    return bad("1 to 2048 bytes of UTF-8 without control characters are needed");
  out = text;
  return {};
}

result<void> set_place(issuer& out, kind which, std::string_view where) {
  const kind before = out.rules.keys.which;
  if (before != kind::discovery && before != which)
    return bad("the keys are in jwks-file or at jwks-url, not in both");
  out.rules.keys = {which, std::string{where}};
  return {};
}

void show(std::string_view text, std::string& out) {
  if (!text.empty()) protocol::append_json_string(out, text);
}

std::string_view place_of(const issuer& in, kind which) {
  return in.rules.keys.which == which ? std::string_view{in.rules.keys.where} : "";
}

error no_such_role(const std::string& text) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count_of<service::role>; ++i)
    names.emplace_back(service::name(static_cast<service::role>(i)));
  const std::string nearest = nearest_name(text, names);
  return bad(
      "there is no role '" + text + "'" +
      (nearest.empty() ? ": IAM_OWNER or another is needed" : ": is " + nearest + " meant?"));
}

}  // namespace

result<void> set_issuer(issuer& out, std::string_view text) {
  return set_text(text, out.rules.issuer);
}

result<void> set_audience(issuer& out, std::string_view text) {
  return set_text(text, out.rules.audience);
}

result<void> set_jwks_file(issuer& out, std::string_view text) {
  if (text.empty()) return bad("a file is needed");
  return set_place(out, kind::file, text);
}

result<void> set_jwks_url(issuer& out, std::string_view text) {
  if (const auto url = net::parse_provider_url(text); !url) return url.error();
  return set_place(out, kind::url, text);
}

result<void> set_roles_claim(issuer& out, std::string_view text) {
  return set_text(text, out.rules.roles_claim);
}

result<void> add_role(issuer& out, std::string_view text) {
  const std::size_t equals = text.rfind('=');
  if (equals == std::string_view::npos || equals == 0)
    return bad("ROLE=OURS is needed, such as factor-admin=ORG_USER_MANAGER");
  std::string theirs;
  if (auto fits = set_text(text.substr(0, equals), theirs); !fits) return fits;
  const auto ours = service::find_role(text.substr(equals + 1));
  if (!ours) return no_such_role(std::string{text.substr(equals + 1)});
  auto& roles = out.rules.roles;
  if (std::ranges::find(roles, theirs) != roles.end())
    return bad("'" + theirs + "' is mapped twice");
  if (roles.size() == roles_max) return bad("at most 256 roles are mapped");
  roles.push_back(std::move(theirs));
  out.roles.push_back(*ours);
  return {};
}

void show_issuer(const issuer& in, std::string& out) { show(in.rules.issuer, out); }
void show_audience(const issuer& in, std::string& out) { show(in.rules.audience, out); }
void show_jwks_file(const issuer& in, std::string& out) { show(place_of(in, kind::file), out); }
void show_jwks_url(const issuer& in, std::string& out) { show(place_of(in, kind::url), out); }
void show_roles_claim(const issuer& in, std::string& out) { show(in.rules.roles_claim, out); }

void show_role_map(const issuer& in, std::string& out) {
  if (in.roles.empty()) return;
  out += '{';
  for (std::size_t i = 0; i < in.roles.size(); ++i) {
    if (i > 0) out += ',';
    protocol::append_json_string(out, in.rules.roles[i]);
    out += ':';
    protocol::append_json_string(out, service::name(in.roles[i]));
  }
  out += '}';
}

void show_role_list(const issuer& in, std::string& out) {
  std::vector<std::string> pairs;
  for (std::size_t i = 0; i < in.roles.size(); ++i)
    pairs.push_back(in.rules.roles[i] + "=" + std::string(service::name(in.roles[i])));
  protocol::append_json_array(out, pairs, [](const std::string& one, std::string& to) {
    protocol::append_json_string(to, one);
  });
}

}  // namespace issuer_values

namespace {

using namespace issuer_values;

constexpr std::size_t issuers_max = 32;

constexpr auto all_settings = std::to_array<issuer_setting>({
    {"issuer", false, set_issuer, show_issuer},
    {"audience", false, set_audience, show_audience},
    {"jwks-file", false, set_jwks_file, show_jwks_file},
    {"jwks-url", false, set_jwks_url, show_jwks_url},
    {"roles-claim", false, set_roles_claim, show_roles_claim},
    {"role-map", true, add_role, show_role_map},
});

// The first that is said of it; empty where nothing is.
std::string_view said_of(const issuer& one) {
  for (const issuer_setting& each : all_settings) {
    std::string value;
    each.show(one, value);
    if (!value.empty()) return each.name;
  }
  return "";
}

// Whether it can be asked where its keys are.
result<void> check_discovery(const issuer& one, const std::string& prefix) {
  if (one.rules.keys.which != jwt::key_place::kind::discovery) return {};
  const auto url = net::parse_provider_url(one.rules.issuer);
  if (url && url->target.find('?') == std::string::npos) return {};
  return bad(prefix + "issuer '" + one.rules.issuer + "' is asked where its keys are, and " +
             (url ? "has a query" : "cannot be: " + url.error().message) + "; or " + prefix +
             "jwks-file or " + prefix + "jwks-url says it");
}

// `prefix`: what stands before the name of a setting where this was set.
result<void> check_issuer(const issuer& one, const std::string& prefix) {
  if (one.rules.issuer.empty())
    return bad(prefix + std::string(said_of(one)) + " needs " + prefix + "issuer");
  if (one.rules.audience.empty())
    return bad(prefix + "issuer needs " + prefix + "audience: whom its tokens are for");
  if (one.rules.roles_claim.empty() != one.roles.empty())
    return bad(prefix + "roles-claim and " + prefix + "role-map need each other");
  return check_discovery(one, prefix);
}

result<void> check_tables(const jwt_settings& of) {
  if (of.tables.size() > issuers_max) return bad("at most 32 [[jwt]] may stand in the file");
  std::set<std::string_view> names;
  for (const issuer_table& one : of.tables) {
    if (said_of(one.said).empty()) return bad(one.source + ": issuer and audience are needed");
    if (const auto good = check_issuer(one.said, ""); !good)
      return bad(one.source + ": " + good.error().message);
    if (!names.insert(one.said.rules.issuer).second)
      return bad(one.source + ": the issuer '" + one.said.rules.issuer + "' is there twice");
  }
  return {};
}

}  // namespace

std::span<const issuer_setting> issuer_settings() { return all_settings; }

net::issuer_options jwt_settings::all() const {
  net::issuer_options found{.all = {}, .ca_file = ca_file};
  if (!flagged.rules.issuer.empty()) found.all.push_back(flagged);
  for (const issuer_table& one : tables) found.all.push_back(one.said);
  return found;
}

result<void> check_issuers(const jwt_settings& of) {
  const std::string_view flag = said_of(of.flagged);
  if (!flag.empty() && !of.tables.empty()) {
    return bad("--jwt-" + std::string(flag) + " and " + of.tables.front().source +
               ": [[jwt]] exclude each other: with several issuers each has its table");
  }
  if (!flag.empty()) {
    if (auto good = check_issuer(of.flagged, "--jwt-"); !good) return good;
  }
  if (auto good = check_tables(of); !good) return good;
  if (!of.ca_file.empty() && of.all().all.empty()) return bad("--jwt-ca needs --jwt-issuer");
  return {};
}

}  // namespace factord

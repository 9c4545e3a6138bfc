#include "storage/postgres/location.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <optional>

namespace factord::storage {

namespace {

using parameters = postgres_location::parameters;

constexpr std::array<std::string_view, 2> schemes{"postgres://", "postgresql://"};

// Whom to ask says the URL, and how long to wait for whom, and for what kind of server, is decided
// here (session_rules.hpp).
constexpr std::array<std::string_view, 12> ours{
    "connect_timeout",      "keepalives",       "keepalives_idle", "keepalives_interval",
    "keepalives_count",     "tcp_user_timeout", "client_encoding", "replication",
    "target_session_attrs", "service",          "hostaddr",        "fallback_application_name"};

/// Parameters that have only these values. libpq looks at them when it connects, which is too late
/// to say that an address is none.
struct choice {
  std::string_view keyword;
  const char* variable;     ///< what says it where the URL does not
  std::string_view values;  ///< with spaces between them
};
constexpr std::array<choice, 3> choices{
    {{"sslmode", "PGSSLMODE", "disable allow prefer require verify-ca verify-full"},
     {"gssencmode", "PGGSSENCMODE", "disable prefer require"},
     {"channel_binding", "PGCHANNELBINDING", "disable prefer require"}}};

constexpr unsigned highest_port = 65535;

error bad(const std::string& what) {
  return {errc::bad_argument, "the address of the database: " + what};
}

/// What libpq says of a URL, without what it quotes of it: that may be a password, which may have
/// quotes in it.
std::string without_quotes(std::string_view message) {
  while (!message.empty() && message.back() == '\n') message.remove_suffix(1);
  const std::size_t first = message.find('"');
  if (first == std::string_view::npos) return std::string{message};
  const std::size_t last = message.rfind('"');
  return std::string{message.substr(0, first)} + "\"…\"" + std::string{message.substr(last + 1)};
}

/// A password with a / or an @ that is not escaped ends up in what is shown.
bool may_hold_a_password(std::string_view host, std::string_view port, std::string_view database) {
  const auto no_digit = [](char c) { return c < '0' || c > '9'; };
  return host.find('@') != std::string_view::npos || std::ranges::any_of(port, no_digit) ||
         database.find('@') != std::string_view::npos;
}

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> parts(1);
  for (const char c : list) {
    if (c == ',') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

result<parameters> parameters_of(const std::string& url) {
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options{
      PQconninfoParse(url.c_str(), &message), PQconninfoFree};
  const std::unique_ptr<char, decltype(&PQfreemem)> said{message, PQfreemem};
  if (!options) return bad(said ? without_quotes(said.get()) : "no memory to read it");
  parameters all;
  for (const PQconninfoOption* at = options.get(); at->keyword != nullptr; ++at) {
    if (at->val == nullptr) continue;
    if (std::ranges::find(ours, std::string_view{at->keyword}) != ours.end()) {
      return bad(std::string{"\""} + at->keyword + "\" is for the server to set, not for the URL");
    }
    all.emplace_back(at->keyword, at->val);
  }
  return all;
}

/// libpq takes what a URL does not say from the environment. What would have it ask another server
/// than the URL names is refused.
result<void> check_environment() {
  for (const char* const variable : {"PGHOSTADDR", "PGSERVICE", "PGTARGETSESSIONATTRS"}) {
    const char* const value = std::getenv(variable);
    if (value != nullptr && *value != '\0') {
      return bad(std::string{variable} + " is set, and only the URL says which server is meant");
    }
  }
  return {};
}

/// Where the URL does not say it, as libpq has it.
std::string or_environment(std::string value, const char* variable) {
  const char* const usual = std::getenv(variable);
  return value.empty() && usual != nullptr ? usual : std::move(value);
}

std::string value_of(const parameters& of, std::string_view keyword) {
  const auto found = std::ranges::find(of, keyword, &parameters::value_type::first);
  return found == of.end() ? std::string{} : found->second;
}

/// A port that there can be; an empty one is the usual one.
bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool whole = failed == std::errc{} && end == text.data() + text.size();
  return text.empty() || (whole && port >= 1 && port <= highest_port);
}

/// Nothing where each of these has a value that it can have.
std::optional<error> check_choices(const parameters& all) {
  for (const choice& one : choices) {
    const std::string value = or_environment(value_of(all, one.keyword), one.variable);
    if (value.empty()) continue;
    const bool known =
        value.find(' ') == std::string::npos &&
        (" " + std::string{one.values} + " ").find(" " + value + " ") != std::string::npos;
    if (!known) {
      return bad("\"" + std::string{one.keyword} + "\" is one of: " + std::string{one.values});
    }
  }
  return std::nullopt;
}

/// Takes a parameter out.
std::string take(parameters& from, std::string_view keyword) {
  const auto found = std::ranges::find(from, keyword, &parameters::value_type::first);
  if (found == from.end()) return {};
  std::string value = std::move(found->second);
  from.erase(found);
  return value;
}

}  // namespace

bool postgres_location::is_one(std::string_view text) noexcept {
  return std::ranges::any_of(schemes, [text](std::string_view s) { return text.starts_with(s); });
}

result<postgres_location> postgres_location::parse(const std::string& url) {
  if (!is_one(url)) return bad("it does not begin with postgres://");
  if (url.find('\0') != std::string::npos) return bad("it holds a zero byte");
  auto all = parameters_of(url);
  if (!all) return all.error();
  if (const auto clean = check_environment(); !clean) return clean.error();
  if (auto wrong = check_choices(*all)) return *std::move(wrong);
  const auto hosts = split(or_environment(take(*all, "host"), "PGHOST"));
  auto ports = split(or_environment(take(*all, "port"), "PGPORT"));
  if (ports.size() == 1) ports.resize(hosts.size(), ports.front());
  if (ports.size() != hosts.size()) return bad("it has more or fewer ports than hosts");
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    if (may_hold_a_password(hosts[i], ports[i], value_of(*all, "dbname"))) {
      return bad(
          "a port that is no number, or an @ in a name: in a password / is %2F and @ is %40");
    }
    if (!is_port(ports[i])) return bad("a port is a number from 1 to 65535");
  }

  postgres_location made;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    parameters one = *all;
    if (!hosts[i].empty()) one.emplace_back("host", hosts[i]);
    if (!ports[i].empty()) one.emplace_back("port", ports[i]);
    if (i > 0) made.shown_ += ',';
    made.shown_ += shown_host(one);
    made.hosts_.push_back(std::move(one));
  }
  const std::string user = value_of(*all, "user");
  const std::string database = value_of(*all, "dbname");
  made.shown_ = "postgres://" + (user.empty() ? user : user + "@") + made.shown_ +
                (database.empty() ? database : "/" + database);
  return made;
}

std::string shown_host(const parameters& host) {
  const std::string name = value_of(host, "host");
  const std::string port = value_of(host, "port");
  return (name.empty() ? "localhost" : name) + (port.empty() ? port : ":" + port);
}

}  // namespace factord::storage

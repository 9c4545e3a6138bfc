#include "server/protocol/json_request.hpp"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

#include "server/protocol/add_human_user.hpp"
#include "server/protocol/json_add_human_user.hpp"
#include "server/protocol/json_object.hpp"
#include "server/protocol/uri.hpp"
#include "server/protocol/validation.hpp"

namespace factord::protocol {
namespace {

namespace json = boost::json;

using service::call;
using service::operation;

constexpr std::size_t events_limit_default = 100;
constexpr std::uint64_t events_limit_max = 1'000;
// A verification code is at most this long, as ZITADEL has it.
constexpr std::size_t code_points_of_code_max = 20;
constexpr std::size_t path_bytes_max = 4'095;
constexpr std::uint64_t lifetime_max_s = 100ULL * 366 * 24 * 3600;

std::optional<std::uint64_t> to_number(std::string_view text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return value;
}

// A query parameter that is a number within bounds; `fallback` where it is absent.
std::uint64_t read_number(std::string_view target, std::string_view name, std::uint64_t min,
                          std::uint64_t max, std::uint64_t fallback, call& work) {
  std::string text;
  const parameter how = query_parameter(target, name, text);
  if (how == parameter::absent) return fallback;
  const auto value = how == parameter::found ? to_number(text) : std::nullopt;
  if (value && *value >= min && *value <= max) return *value;
  reject(work, std::string(name) + " must be a number from " + std::to_string(min) + " to " +
                   std::to_string(max));
  return fallback;
}

void read_events_query(std::string_view target, call& work) {
  work.in.after = read_number(target, "after", 0, UINT64_MAX, 0, work);
  work.in.limit = static_cast<std::size_t>(
      read_number(target, "limit", 1, events_limit_max, events_limit_default, work));
  switch (query_parameter(target, "user", work.in.user_id)) {
    case parameter::absent:
      return;
    case parameter::found:
      return check_length(work, "UserId", work.in.user_id);
    case parameter::malformed:
      return reject(work, "malformed percent-encoding in the query");
  }
}

// Filters of ListAuthenticationFactors. Each lets a value through by name or number; an empty one
// lets all through.
bool filter_passes(const json_object& body, std::string_view name, std::string_view wanted_name,
                   std::int64_t wanted_number, std::initializer_list<std::string_view> known,
                   std::int64_t number_max) {
  const json::array* filter = body.array(name);
  if (filter == nullptr || filter->empty()) return true;
  bool passes = false;
  for (const json::value& entry : *filter) {
    if (const json::string* text = entry.if_string()) {
      const std::string_view sent(text->data(), text->size());
      if (std::find(known.begin(), known.end(), sent) == known.end()) {
        body.reject(name, "has an unknown value");
      }
      passes |= sent == wanted_name;
    } else if (const std::int64_t* number = entry.if_int64()) {
      if (*number < 0 || *number > number_max) body.reject(name, "has an unknown value");
      passes |= *number == wanted_number;
    } else {
      body.reject(name, "must hold names or numbers");
    }
  }
  return passes;
}

void read_factor_filters(const json_object& body, call& work) {
  const bool kind =
      filter_passes(body, "authFactors", "OTP_EMAIL", 2, {"OTP", "OTP_SMS", "OTP_EMAIL", "U2F"}, 3);
  const bool state = filter_passes(body, "states", "AUTH_FACTOR_STATE_READY", 2,
                                   {"AUTH_FACTOR_STATE_UNSPECIFIED", "AUTH_FACTOR_STATE_NOT_READY",
                                    "AUTH_FACTOR_STATE_READY", "AUTH_FACTOR_STATE_REMOVED"},
                                   3);
  work.in.wants_otp_email = kind && state;
}

void read_verify_email(const json_object& body, call& work) {
  if (const json::string* code = body.text("verificationCode")) {
    work.in.verification_code.assign(code->data(), code->size());
  }
}

void read_token_roles(const json_object& body, call& work) {
  const json::array* roles = body.array("roles");
  if (roles == nullptr) return;
  for (const json::value& entry : *roles) {
    const json::string* text = entry.if_string();
    const auto role =
        text == nullptr ? std::nullopt : service::find_role({text->data(), text->size()});
    if (!role) return body.reject("roles", "holds a role that does not exist");
    if (service::holds_everywhere(*role) == !work.in.org.empty()) {
      return body.reject("roles", "mixes: ORG_ roles need an organization, IAM_ roles allow none");
    }
    work.in.roles.add(*role);
  }
}

void read_create_token(const json_object& body, call& work) {
  if (const json::string* id = body.text("userId")) work.in.user_id.assign(id->data(), id->size());
  if (const json::string* org = body.text("organization")) {
    work.in.org.assign(org->data(), org->size());
    check_length(work, "Organization", work.in.org);
  }
  read_token_roles(body, work);
  if (const json::string* text = body.text("expiresInSeconds")) {
    const auto seconds = to_number({text->data(), text->size()});
    if (!seconds || *seconds == 0 || *seconds > lifetime_max_s) {
      return body.reject("expiresInSeconds", "must be from 1 second to 100 years");
    }
    work.in.lifetime = std::chrono::seconds(static_cast<std::int64_t>(*seconds));
  }
}

void read_start_backup(const json_object& body, call& work) {
  const json::string* text = body.text("directory");
  if (text != nullptr) work.in.directory.assign(text->data(), text->size());
  const std::string& path = work.in.directory;
  if (path.starts_with('/') && path.size() <= path_bytes_max &&
      path.find('\0') == std::string::npos)
    return;
  body.reject("directory", "must be an absolute path of at most 4095 bytes");
}

void read_fields(const json_object& body, const request& incoming, call& work) {
  switch (work.op) {
    case operation::add_human_user: {
      zitadel::user::v2::AddHumanUserRequest sent;
      read_json_add_human_user(body, sent);
      return read_add_human_user(sent, incoming, work);
    }
    case operation::verify_email:
      return read_verify_email(body, work);
    case operation::list_factors:
      return read_factor_filters(body, work);
    case operation::create_token:
      return read_create_token(body, work);
    case operation::start_backup:
      return read_start_backup(body, work);
    default:
      return;
  }
}

// Parses the body into the call. The values live on the stack for most bodies.
void read_body(const request& incoming, call& work) {
  std::array<unsigned char, 4096> stack;  // NOLINT: filled by the resource
  json::monotonic_resource memory(stack.data(), stack.size());
  json::error_code failed;
  const std::string_view text = incoming.body.empty() ? "{}" : std::string_view(incoming.body);
  const json::value parsed = json::parse({text.data(), text.size()}, failed, &memory);
  if (failed) return reject(work, "invalid JSON: " + failed.message());
  const json::object* fields = parsed.if_object();
  if (fields == nullptr) return reject(work, "invalid JSON: the body must be an object");
  std::string error;
  read_fields(json_object(*fields, "", error), incoming, work);
  if (error.empty()) return;
  // What the JSON itself gets wrong comes before what its values get wrong.
  work.rejected.code = service::status_code::ok;
  reject(work, error);
}

bool reads_body(const request& incoming) { return incoming.method == verb::post; }

bool needs_body(operation op) {
  return op == operation::add_human_user || op == operation::create_token ||
         op == operation::start_backup;
}

void check_target(const route_match& match, call& work) {
  if (match.id_malformed) return reject(work, "malformed percent-encoding in the path");
  check_length(work, "UserId", work.in.user_id);
}

}  // namespace

void read_json_request(const route_match& match, const request& incoming, call& work) {
  const bool takes_user_id = service::traits(work.op).has_target;
  if (takes_user_id) {
    work.in.user_id.assign(match.id);
    check_target(match, work);
  }
  if (work.op == operation::list_events) return read_events_query(incoming.target, work);
  if (work.op == operation::revoke_token) {
    work.in.token_id.assign(match.id);
    return;
  }
  if (work.op == operation::get_backup) {
    work.in.backup = to_number(match.id).value_or(0);
    return;
  }
  if (!reads_body(incoming)) return;
  // A body that says nothing is not parsed, where it may say nothing.
  if ((!incoming.body.empty() && incoming.body != "{}") || needs_body(work.op)) {
    read_body(incoming, work);
  }
  if (work.op == operation::verify_email) {
    check_length(work, "VerificationCode", work.in.verification_code, code_points_of_code_max);
  }
  if (work.op == operation::create_token) {
    check_length(work, "UserId", work.in.user_id);
  }
}

}  // namespace factord::protocol

#include "tools/factorctl/option_checks.hpp"

#include <cstdint>
#include <limits>

#include "server/service/credentials/caller.hpp"
#include "server/service/text.hpp"
#include "storage/base/enum_table.hpp"
#include "storage/base/rfc3339.hpp"
#include "storage/model/event.hpp"
#include "tools/common/duration.hpp"
#include "tools/common/number.hpp"

namespace factord::ctl {
namespace {

constexpr std::uint64_t users_max = 100'000'000;

std::string role_names() {
  std::string names;
  for (std::size_t i = 0; i < count_of<service::role>; ++i) {
    if (i > 0) names += ", ";
    names += service::name(static_cast<service::role>(i));
  }
  return names;
}

}  // namespace

std::string check_not_empty(const std::string& text) {
  return text.empty() ? "must not be empty" : "";
}

std::string check_id(const std::string& text) {
  if (service::valid_id(text)) return {};
  return "must be 1 to 200 characters of UTF-8, without U+0000";
}

std::string check_role(const std::string& text) {
  if (service::find_role(text)) return {};
  return "there is no role " + text + "; the roles are " + role_names();
}

std::string check_event_type(const std::string& text) {
  if (storage::find_event_type(text)) return {};
  return "there is no event " + text + "; user.human.mfa.otp.email.removed is one";
}

std::string check_time(const std::string& text) {
  if (parse_rfc3339(text)) return {};
  return "must be a time as RFC 3339 has it, such as 2026-01-31T12:00:00Z";
}

std::string check_duration(const std::string& text) {
  if (tools::parse_duration(text)) return {};
  return "must be a number and s, m, h or d, such as 30d; 1 second to 100 years";
}

std::string check_sequence(const std::string& text) {
  return tools::check_number(text, 0, std::numeric_limits<std::uint64_t>::max());
}

std::string check_event_sequence(const std::string& text) {
  return tools::check_number(text, 1, std::numeric_limits<std::uint64_t>::max());
}

std::string check_backup_id(const std::string& text) {
  return tools::check_number(text, 1, std::numeric_limits<std::uint32_t>::max());
}

std::optional<std::uint32_t> backup_id(const std::string& text) {
  const auto number = tools::parse_number(text);
  return number ? std::optional{static_cast<std::uint32_t>(*number)} : std::nullopt;
}

std::string check_user_count(const std::string& text) {
  return tools::check_number(text, 1, users_max);
}

}  // namespace factord::ctl

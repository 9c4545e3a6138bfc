#include "server/protocol/messages/validation.hpp"

#include <algorithm>

#include "server/protocol/messages/mail_address.hpp"
#include "server/service/text.hpp"

namespace factord::protocol {
namespace {

// What is wrong with a text, or nothing.
std::string length_fault(std::string_view text, std::size_t max) {
  if (!service::is_storable(text)) return "value must be valid UTF-8 without U+0000";
  const std::size_t length = *service::count_code_points(text);
  if (length >= 1 && length <= max) return {};
  return "value length must be between 1 and " + std::to_string(max) + " runes, inclusive";
}

}  // namespace

void reject(service::call& pending, std::string_view message) {
  reject(pending, service::status_code::invalid_argument, {}, message);
}

void reject(service::call& pending, service::status_code code, std::string_view error_id,
            std::string_view message) {
  if (pending.rejected.code != service::status_code::ok) return;
  pending.rejected.code = code;
  pending.rejected.error_id = error_id;
  pending.rejected.message.assign(message);
}

void check_length(service::call& pending, std::string_view field, std::string_view text,
                  std::size_t max) {
  // The usual case, without a look at code points: a short ASCII id.
  const bool plain = !text.empty() && text.size() <= max &&
                     std::all_of(text.begin(), text.end(), [](char c) { return c > 0; });
  if (plain) return;
  const std::string fault = length_fault(text, max);
  if (fault.empty()) return;
  std::string full("invalid ");
  full.append(service::traits(pending.op).name).append("Request.");
  full.append(field).append(": ").append(fault);
  reject(pending, full);
}

void check_embedded_length(service::call& pending, std::string_view outer, std::string_view message,
                           std::string_view field, std::string_view text, std::size_t max) {
  const std::string fault = length_fault(text, max);
  if (!fault.empty()) reject(pending, embedded_fault(outer, message, field, fault));
}

std::string embedded_fault(std::string_view outer, std::string_view message, std::string_view field,
                           std::string_view fault) {
  std::string full("invalid AddHumanUserRequest.");
  full.append(outer).append(": embedded message failed validation | caused by: invalid ");
  full.append(message).append(".").append(field).append(": ").append(fault);
  return full;
}

void check_email(service::call& pending) {
  constexpr auto invalid = service::status_code::invalid_argument;
  constexpr std::string_view text = "Email is invalid";
  switch (judge_mail_address(pending.in.email)) {
    case mail_address::good:
      return;
    case mail_address::named:
      return reject(pending, invalid, "EMAIL-599GV", text);
    case mail_address::bad:
      return reject(pending, invalid, "EMAIL-599BI", text);
  }
}

void check_username(service::call& pending) {
  if (!pending.in.username.empty()) return;
  reject(pending, service::status_code::invalid_argument, "V2-zzad3", "Errors.Invalid.Argument");
}

}  // namespace factord::protocol

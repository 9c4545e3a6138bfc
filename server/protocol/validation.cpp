#include "server/protocol/validation.hpp"

#include <algorithm>

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

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_mailbox_char(char c) {
  constexpr std::string_view others = ".!#$%&'*+/=?^_`{|}~-";
  return is_alphanumeric(c) || others.find(c) != std::string_view::npos;
}

// A label of a domain (RFC 1035, section 2.3.4, as HTML's email state has it).
bool is_domain_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(),
                     [](char c) { return is_alphanumeric(c) || c == '-'; });
}

bool is_email(std::string_view address) {
  const std::size_t at = address.find('@');
  if (at == std::string_view::npos || at == 0) return false;
  const std::string_view mailbox = address.substr(0, at);
  if (!std::all_of(mailbox.begin(), mailbox.end(), is_mailbox_char)) return false;
  for (std::string_view rest = address.substr(at + 1);;) {
    const std::size_t dot = rest.find('.');
    if (!is_domain_label(rest.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    rest.remove_prefix(dot + 1);
  }
}

}  // namespace

void reject(service::call& work, std::string_view message) {
  reject(work, service::status_code::invalid_argument, {}, message);
}

void reject(service::call& work, service::status_code code, std::string_view error_id,
            std::string_view message) {
  if (work.rejected.code != service::status_code::ok) return;
  work.rejected.code = code;
  work.rejected.error_id = error_id;
  work.rejected.message.assign(message);
}

void check_length(service::call& work, std::string_view field, std::string_view text,
                  std::size_t max) {
  // The usual case, without a look at code points: a short ASCII id.
  const bool plain = !text.empty() && text.size() <= max &&
                     std::all_of(text.begin(), text.end(), [](char c) { return c > 0; });
  if (plain) return;
  const std::string fault = length_fault(text, max);
  if (fault.empty()) return;
  std::string full("invalid ");
  full.append(service::traits(work.op).name).append("Request.");
  full.append(field).append(": ").append(fault);
  reject(work, full);
}

void check_embedded_length(service::call& work, std::string_view outer, std::string_view message,
                           std::string_view field, std::string_view text, std::size_t max) {
  const std::string fault = length_fault(text, max);
  if (!fault.empty()) reject(work, embedded_fault(outer, message, field, fault));
}

std::string embedded_fault(std::string_view outer, std::string_view message, std::string_view field,
                           std::string_view fault) {
  std::string full("invalid AddHumanUserRequest.");
  full.append(outer).append(": embedded message failed validation | caused by: invalid ");
  full.append(message).append(".").append(field).append(": ").append(fault);
  return full;
}

void check_email(service::call& work) {
  if (is_email(work.in.email)) return;
  reject(work, service::status_code::invalid_argument, "EMAIL-599BI", "Email is invalid");
}

}  // namespace factord::protocol

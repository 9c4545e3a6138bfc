#pragma once

#include <cstdint>
#include <string_view>

namespace factord::protocol {

enum class mail_address : std::uint8_t {
  good,
  named,  ///< good, but it has a display name, which ZITADEL refuses
  bad,
};

/// Judges one email address as ZITADEL does, which is by Go's mail.ParseAddress: RFC 5322, section
/// 3.4, without its obsolete forms and its folding, and with RFC 6532's UTF-8 wherever a visible
/// character may stand. So comments, angle brackets and a group of one are good. Domain literals
/// are IP addresses, also with the "IPv6:" of RFC 5321. Encoded words (RFC 2047) of a display name
/// are not decoded: they are a name as they stand.
[[nodiscard]] mail_address judge_mail_address(std::string_view text);

}  // namespace factord::protocol

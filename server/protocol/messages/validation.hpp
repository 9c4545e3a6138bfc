#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "server/service/call.hpp"

/// What every protocol checks of a request, with the texts that clients know. A check that fails
/// sets `pending.rejected`, unless an earlier one did; so the first thing that is wrong is
/// answered.
namespace factord::protocol {

/// 400 with this message and no error id.
void reject(service::call& pending, std::string_view message);
void reject(service::call& pending, service::status_code code, std::string_view error_id,
            std::string_view message);

/// 1 to `max` code points of storable text, in the field `field` of the request message of
/// `pending.op`, e.g. "UserId" of RemoveOTPEmailRequest.
void check_length(service::call& pending, std::string_view field, std::string_view text,
                  std::size_t max = 200);

/// The same for a field of a message inside AddHumanUserRequest: `outer` is its field there.
void check_embedded_length(service::call& pending, std::string_view outer, std::string_view message,
                           std::string_view field, std::string_view text, std::size_t max = 200);

/// What is said of such a field.
[[nodiscard]] std::string embedded_fault(std::string_view outer, std::string_view message,
                                         std::string_view field, std::string_view fault);

/// Checks of AddHumanUser: that `pending.in.email` is an address, and that `pending.in.username`,
/// which was given, is not blank.
void check_email(service::call& pending);
void check_username(service::call& pending);

}  // namespace factord::protocol

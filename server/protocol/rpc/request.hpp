#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "server/protocol/wire/envelope.hpp"
#include "server/protocol/wire/request.hpp"
#include "server/protocol/wire/rpc_form.hpp"
#include "server/service/answer.hpp"
#include "server/service/call.hpp"

/// Requests of gRPC, gRPC-Web and Connect up to their message: envelopes, base64, compression,
/// deadlines (API.md, section 4).
namespace factord::protocol {

/// What is wrong with a request; code ok: nothing.
struct rpc_fault {
  service::status_code code = service::status_code::ok;
  std::string message;

  [[nodiscard]] bool found() const noexcept { return code != service::status_code::ok; }
};

/// Turns the body of a gRPC-Web "text" request into bytes, in place; other forms are left alone.
[[nodiscard]] rpc_fault decode_text(rpc_form form, std::string& body);

[[nodiscard]] rpc_fault message_too_large(std::size_t max);

/// Whether the compression that a request names is one that is known here.
[[nodiscard]] rpc_fault check_compression(rpc_form form, const request& incoming);

/// Checks what a client demands beside its message: a version of the protocol that is spoken here,
/// and when it stops waiting; brings `deadline` forward as read_deadline() does.
[[nodiscard]] rpc_fault check_demands(rpc_form form, const request& incoming,
                                      std::chrono::steady_clock::time_point& deadline);

/// Sets `message` to the one message of a unary request, decompressed. It points into the body, or
/// into `scratch`. `max` bounds its bytes.
[[nodiscard]] rpc_fault take_message(rpc_form form, const request& incoming, std::size_t max,
                                     std::string& scratch, std::string_view& message);

/// The same for one envelope of a stream.
[[nodiscard]] rpc_fault open_message(rpc_form form, const request& incoming, const envelope& sent,
                                     std::size_t max, std::string& scratch,
                                     std::string_view& message);

/// Fills in a call whose `op` is set: deadline, message and checks. What is wrong goes into
/// `pending.rejected`.
void read_rpc_request(rpc_form form, const request& incoming, std::size_t max,
                      service::call& pending);

}  // namespace factord::protocol

#pragma once

#include <string_view>

#include "server/protocol/wire/content_coding.hpp"
#include "server/protocol/wire/request.hpp"
#include "server/protocol/wire/response.hpp"
#include "server/protocol/wire/rpc_form.hpp"
#include "server/service/answer.hpp"

namespace factord::protocol {

/// What gRPC, gRPC-Web, Connect and Connect's streams do differently; a row each.
struct rpc_rules {
  field timeout;                                          ///< says when a client stops waiting
  field compression;                                      ///< names the compression of messages
  content_coding (*find_coding)(std::string_view value);  ///< what that says
  std::string_view accepted;  ///< the header that names the compressions known here
  bool versioned;             ///< a client may name the version of the protocol (Connect's)
  /// Appends how an answer of messages in envelopes ended. Null where a message is a body, and an
  /// error the status of HTTP.
  void (*append_end)(const service::failure& why, response& out);

  [[nodiscard]] constexpr bool enveloped() const noexcept { return append_end != nullptr; }
};

/// Of a form that is not `none`.
[[nodiscard]] const rpc_rules& rules_of(rpc_form form) noexcept;

}  // namespace factord::protocol

#pragma once

#include <google/protobuf/message.h>

#include <cstddef>
#include <string>

#include "server/protocol/messages/message_binding.hpp"
#include "server/protocol/messages/path_requests.hpp"
#include "server/protocol/proto/google/rpc/status.pb.h"
#include "server/protocol/wire/request.hpp"
#include "server/service/call.hpp"

/// Bulks, of whatever kind: how one is asked for, and what there is to know of each kind. What is
/// wrong with a request goes into `rejected`.
namespace factord::protocol {

class json_writer;

/// One kind of bulk: what a line of it asks for, how it is read, and what it is answered. Beside
/// this a kind is a row of the endpoints, and a route of its RPC.
struct bulk_kind {
  service::operation each;  ///< what a line asks for
  std::size_t line_bytes;   ///< a longer line ends the bulk
  bool numbered;            ///< all lines of the answer have a number, not just those of nobody
  message_binding line;     ///< what a line is read as
  const google::protobuf::Message& (*answer)(const service::call& line);  ///< over an RPC
  /// What a line that was done says beside whose it is and its sequence, as JSON.
  void (*write_json)(const service::answer& done, json_writer& object) = nullptr;
};

/// The request as a whole, by its path.
void read_bulk(const path_request& sent, service::call& head);

/// The same, over whatever it came: its answer comes in parts.
void begin_bulk(const request& incoming, service::call& head);

/// Of whom a line is: the user that it has made, or that it names.
[[nodiscard]] const std::string& user_of(const service::call& line);

/// Why a line was not done.
void write_line_error(const service::answer& done, google::rpc::Status& out);

}  // namespace factord::protocol

#include "server/protocol/messages/bulk.hpp"

#include "server/protocol/messages/validation.hpp"
#include "server/protocol/proto/zitadel/message.pb.h"
#include "server/protocol/wire/uri.hpp"
#include "server/protocol/wire/wire_status.hpp"

namespace factord::protocol {
namespace {

using service::call;
using service::status_code;

void read_dry_run(std::string_view target, call& head) {
  std::string text;
  const parameter how = query_parameter(target, "dryRun", text);
  if (how == parameter::absent) return;
  head.in.dry_run = text == "true";
  if (how != parameter::found || (text != "true" && text != "false"))
    reject(head, "dryRun must be true or false");
}

}  // namespace

void read_bulk(const path_request& sent, call& head) {
  read_dry_run(sent.target, head);
  begin_bulk(sent.incoming, head);
}

void begin_bulk(const request& incoming, call& head) {
  head.in.follow = true;
  if (incoming.takes_parts) return;
  reject(head, status_code::unimplemented, {}, "streams are not spoken over HTTP/1.0");
}

const std::string& user_of(const call& line) {
  const bool made = service::traits(line.op).makes_user && !line.out.user_id.empty();
  return made ? line.out.user_id : line.in.user_id;
}

void write_line_error(const service::answer& done, google::rpc::Status& out) {
  out.set_code(static_cast<int>(done.code));
  out.set_message(full_message(done.error_id, done.message));
  if (done.error_id.empty()) return;
  zitadel::v1::ErrorDetail detail;
  detail.set_id(std::string(done.error_id));
  detail.set_message(done.message);
  out.add_details()->PackFrom(detail);
}

}  // namespace factord::protocol

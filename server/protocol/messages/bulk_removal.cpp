#include "server/protocol/messages/bulk_removal.hpp"

#include <string>

#include "server/protocol/messages/message_binding.hpp"
#include "server/protocol/messages/validation.hpp"
#include "server/protocol/proto/zitadel/message.pb.h"
#include "server/protocol/wire/uri.hpp"
#include "server/protocol/wire/wire_status.hpp"
#include "storage/base/check.hpp"

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

void write_error(const service::answer& done, google::rpc::Status& out) {
  out.set_code(static_cast<int>(done.code));
  out.set_message(full_message(done.error_id, done.message));
  if (done.error_id.empty()) return;
  zitadel::v1::ErrorDetail detail;
  detail.set_id(std::string(done.error_id));
  detail.set_message(done.message);
  out.add_details()->PackFrom(detail);
}

}  // namespace

void read_bulk_removal(const path_request& sent, call& head) {
  read_dry_run(sent.target, head);
  begin_bulk_removal(sent.incoming, head);
}

void begin_bulk_removal(const request& incoming, call& head) {
  head.in.follow = true;
  if (incoming.takes_parts) return;
  reject(head, status_code::unimplemented, {}, "streams are not spoken over HTTP/1.0");
}

void read_removal(const factord::v1::BulkRemoveOTPEmailRequest& sent, const request&, call& line) {
  line.in.user_id.assign(sent.user_id());
  check_length(line, "UserId", line.in.user_id);
  if (sent.has_if_sequence()) FACTORD_CHECK(line.in.tags.add(sent.if_sequence()));
  if (sent.dry_run()) line.in.dry_run = true;
}

const google::protobuf::Message& removal_answer(const call& line) {
  auto& out = cleared_message<factord::v1::BulkRemoveOTPEmailResponse>();
  out.mutable_user_id()->assign(line.in.user_id);
  if (line.out.code != status_code::ok) {
    write_error(line.out, *out.mutable_error());
    return out;
  }
  out.set_sequence(line.out.details.sequence);
  out.set_replayed(line.out.retry == service::retry_verdict::replayed);
  return out;
}

}  // namespace factord::protocol

#include "server/protocol/messages/bulk_removal.hpp"

#include "server/protocol/messages/validation.hpp"
#include "server/protocol/proto/factord/v1/factor_service.pb.h"
#include "storage/base/check.hpp"

namespace factord::protocol {
namespace {

using service::call;

void read_removal(const factord::v1::BulkRemoveOTPEmailRequest& sent, const request&, call& line) {
  line.in.user_id.assign(sent.user_id());
  check_length(line, "UserId", line.in.user_id);
  if (sent.has_if_sequence()) FACTORD_CHECK(line.in.tags.add(sent.if_sequence()));
  if (sent.dry_run()) line.in.dry_run = true;
}

const google::protobuf::Message& removal_answer(const call& line) {
  auto& out = cleared_message<factord::v1::BulkRemoveOTPEmailResponse>();
  out.mutable_user_id()->assign(user_of(line));
  if (line.out.code != service::status_code::ok) {
    write_line_error(line.out, *out.mutable_error());
    return out;
  }
  out.set_sequence(line.out.details.sequence);
  out.set_replayed(line.out.retry == service::retry_verdict::replayed);
  return out;
}

}  // namespace

const bulk_kind bulk_removal{
    .each = service::operation::remove_otp_email,
    .line_bytes = removal_line_bytes,
    .numbered = false,
    .line = bind_request<factord::v1::BulkRemoveOTPEmailRequest, read_removal>(),
    .answer = removal_answer,
};

}  // namespace factord::protocol

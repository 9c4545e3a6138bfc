#include "server/protocol/messages/bulk_addition.hpp"

#include "server/protocol/json/writer.hpp"
#include "server/protocol/messages/add_human_user.hpp"
#include "server/protocol/messages/validation.hpp"
#include "server/protocol/proto/factord/v1/user_service.pb.h"

namespace factord::protocol {
namespace {

using service::call;

void read_addition(const factord::v1::BulkAddHumanUserRequest& sent, const request& incoming,
                   call& line) {
  read_bulk_addition(sent, incoming, line);
  if (sent.dry_run()) line.in.dry_run = true;
  line.in.otp_email = sent.otp_email();
  // Where the line alone tells that AddOTPEmail would not have it, nothing is begun.
  if (line.in.otp_email && !line.in.email_verified)
    reject(line, "otpEmail needs an email that is verified: say email.isVerified");
}

const google::protobuf::Message& addition_answer(const call& line) {
  auto& out = cleared_message<factord::v1::BulkAddHumanUserResponse>();
  out.mutable_user_id()->assign(user_of(line));
  if (line.out.code != service::status_code::ok) {
    write_line_error(line.out, *out.mutable_error());
    return out;
  }
  out.set_sequence(line.out.details.sequence);
  out.set_replayed(line.out.retry == service::retry_verdict::replayed);
  out.set_email_code(line.out.email_code);
  return out;
}

void write_addition(const service::answer& done, json_writer& object) {
  object.text("emailCode", done.email_code);
}

}  // namespace

const bulk_kind bulk_addition{
    .each = service::operation::add_human_user,
    .line_bytes = addition_line_bytes,
    .numbered = true,
    .line = bind_request<factord::v1::BulkAddHumanUserRequest, read_addition>(),
    .answer = addition_answer,
    .write_json = write_addition,
};

}  // namespace factord::protocol

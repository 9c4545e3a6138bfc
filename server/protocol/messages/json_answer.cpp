#include "server/protocol/messages/json_answer.hpp"

#include <array>

#include "server/protocol/json/writer.hpp"
#include "server/protocol/messages/json_event.hpp"
#include "server/protocol/wire/wire_status.hpp"
#include "server/service/counters.hpp"
#include "storage/base/enum_table.hpp"

namespace factord::protocol {
namespace {

using service::answer;
using service::operation;
using service::status_code;

void write_details(const service::object_details& details, std::string& out) {
  json_writer object(out);
  object.number("sequence", details.sequence);
  object.time("changeDate", details.change_date);
  object.text("resourceOwner", details.resource_owner);
  object.time("creationDate", details.creation_date);
}

std::string_view state_name(storage::user_state state) {
  constexpr std::array<std::string_view, 6> names{"",
                                                  "USER_STATE_ACTIVE",
                                                  "USER_STATE_INACTIVE",
                                                  "USER_STATE_DELETED",
                                                  "USER_STATE_LOCKED",
                                                  "USER_STATE_INITIAL"};
  return names[static_cast<std::size_t>(state)];
}

// What User and HumanUser have in common: fields 1 to 5 of both messages.
void write_identity(const answer& done, json_writer& object) {
  const storage::user_record& user = done.user;
  object.text("userId", done.user_id);
  object.text("state", state_name(user.state()));
  object.text("username", user.username());
  append_json_array(object.field("loginNames"), std::array{std::string_view(user.username())},
                    [](std::string_view name, std::string& to) { append_json_string(to, name); });
  object.text("preferredLoginName", user.username());
}

void write_email(const storage::user_record& user, std::string& out) {
  json_writer object(out);
  object.text("email", user.email());
  object.flag("isVerified", user.email_verified());
}

void write_human(const answer& done, std::string& out) {
  json_writer object(out);
  write_identity(done, object);
  write_json_profile(done.user.person(), object.field("profile"));
  write_email(done.user, object.field("email"));
}

void write_user(const answer& done, std::string& out) {
  json_writer object(out);
  write_identity(done, object);
  write_human(done, object.field("human"));
  write_details(done.details, object.field("details"));
}

void write_token(const storage::token_record& token, std::string& out) {
  json_writer object(out);
  object.text("tokenId", token.token_id());
  object.text("userId", token.subject());
  append_json_array(object.field("roles"), token.roles(),
                    [](const std::string& role, std::string& to) { append_json_string(to, role); });
  object.text("organization", token.org());
  object.time("expirationDate", from_micros(token.expires_at()));
  object.time("creationDate", from_micros(token.created_at()));
}

void write_backup(const storage::backup_status& backup, std::string& out) {
  json_writer object(out);
  object.number("number", backup.number);
  object.text("state", storage::name(backup.state));
  object.text("directory", backup.directory.native());
  object.number("copiedBytes", backup.copied_bytes);
  object.number("totalBytes", backup.total_bytes);
  object.text("message", backup.message);
  if (backup.state != storage::backup_state::done) return;
  object.number("backupId", backup.made.id);
  object.text("storeId", backup.made.store_id);
  append_json_number(object.field("lastSequence"), backup.made.sequence);
  object.text("headHash", storage::to_hex(backup.made.hash));
  object.time("takenAt", backup.made.taken_at);
  object.number("bytes", backup.made.bytes);
}

// Answers of one operation so far, by status.
void write_answer_counts(const service::counters& tally, operation op, std::string& out) {
  json_writer object(out);
  for (std::size_t code = 0; code < count_of<service::status_code>; ++code) {
    const auto status = static_cast<status_code>(code);
    object.number(code_name(status), tally.answers(op, status));
  }
}

}  // namespace

void write_json_details(const answer& done, std::string& out) {
  json_writer object(out);
  write_details(done.details, object.field("details"));
}

void write_json_added_user(const answer& done, std::string& out) {
  json_writer object(out);
  object.text("userId", done.user_id);
  write_details(done.details, object.field("details"));
  object.text("emailCode", done.email_code);
}

void write_json_new_code(const answer& done, std::string& out) {
  json_writer object(out);
  write_details(done.details, object.field("details"));
  object.text("verificationCode", done.email_code);
}

void write_json_user(const answer& done, std::string& out) {
  json_writer object(out);
  write_details(done.details, object.field("details"));
  write_user(done, object.field("user"));
}

void write_json_method_types(const answer& done, std::string& out) {
  json_writer object(out);
  {
    json_writer details(object.field("details"));
    details.number("totalResult", done.otp_email ? 1 : 0);
    details.number("processedSequence", done.head.sequence);
    details.time("timestamp", done.head.created_at);
  }
  if (done.otp_email) {
    object.field("authMethodTypes") += R"(["AUTHENTICATION_METHOD_TYPE_OTP_EMAIL"])";
  }
}

void write_json_factors(const answer& done, std::string& out) {
  json_writer object(out);
  if (done.otp_email) {
    object.field("result") += R"([{"state":"AUTH_FACTOR_STATE_READY","otpEmail":{}}])";
  }
}

void write_json_events(const answer& done, std::string& out) {
  json_writer object(out);
  const service::event_page& page = done.log_page();
  std::size_t index = 0;
  append_json_array(object.field("events"), page.events,
                    [&](const storage::event_record& event, std::string& to) {
                      write_json_event(page.sequences[index++], event, to);
                    });
  // These two are always there: a reader compares them.
  append_json_number(object.field("lastSequence"), done.head.sequence);
  object.text("storeId", done.store_id);
  object.text("next", done.next);
}

void write_json_new_token(const answer& done, std::string& out) {
  json_writer object(out);
  object.text("tokenId", done.token_id);
  object.text("token", done.token);
  write_details(done.details, object.field("details"));
}

void write_json_tokens(const answer& done, std::string& out) {
  json_writer object(out);
  append_json_array(object.field("tokens"), done.tokens, write_token);
  object.text("next", done.next);
}

void write_json_stats(const answer& done, std::string& out) {
  const service::counters& tally = *done.process.tally;
  json_writer object(out);
  object.text("storeId", done.store_id);
  object.text("durability", storage::name(done.process.mode));
  object.time("startedAt", done.process.started_at);
  append_json_number(object.field("lastSequence"), done.head.sequence);
  object.text("headHash", storage::to_hex(done.head.hash));
  object.time("headCreatedAt", done.head.created_at);
  append_json_number(object.field("removalsAnswered"),
                     tally.answers(operation::remove_otp_email, status_code::ok));
  append_json_number(object.field("removalEvents"),
                     tally.events(storage::event_type::otp_email_removed));
  append_json_number(object.field("readFailures"), tally.failed_reads().count());
  append_json_number(object.field("keptRetries"), done.process.kept_retries);
  json_writer answers(object.field("answers"));
  for (std::size_t i = 0; i < service::operation_count; ++i) {
    const auto op = static_cast<operation>(i);
    write_answer_counts(tally, op, answers.field(service::traits(op).name));
  }
}

void write_json_head(const answer& done, std::string& out) {
  json_writer object(out);
  object.text("storeId", done.store_id);
  append_json_number(object.field("lastSequence"), done.head.sequence);
  object.text("headHash", storage::to_hex(done.head.hash));
}

void write_json_backup(const answer& done, std::string& out) {
  write_backup(done.backup.value(), out);
}

}  // namespace factord::protocol

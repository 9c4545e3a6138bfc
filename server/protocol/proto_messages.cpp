#include "server/protocol/proto_messages.hpp"

#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <array>

#include "server/protocol/add_human_user.hpp"
#include "server/protocol/proto_answer.hpp"
#include "server/protocol/validation.hpp"
#include "server/service/text.hpp"
#include "storage/base/check.hpp"

namespace factord::protocol {
namespace {

namespace v2 = zitadel::user::v2;

using google::protobuf::Message;
using service::answer;
using service::call;
using service::operation;

// A verification code is at most this long, as ZITADEL has it.
constexpr std::size_t code_points_of_code_max = 20;

template <class Request>
void read_target(const Request& sent, const request&, call& work) {
  work.in.user_id.assign(sent.user_id());
  check_length(work, "UserId", work.in.user_id);
}

void read_verify_email(const v2::VerifyEmailRequest& sent, const request& incoming, call& work) {
  read_target(sent, incoming, work);
  work.in.verification_code.assign(sent.verification_code());
  check_length(work, "VerificationCode", work.in.verification_code, code_points_of_code_max);
}

// An empty filter lets all through.
template <class Values>
bool filter_passes(const Values& filter, int wanted) {
  return filter.empty() || std::find(filter.begin(), filter.end(), wanted) != filter.end();
}

void read_list_factors(const v2::ListAuthenticationFactorsRequest& sent, const request& incoming,
                       call& work) {
  read_target(sent, incoming, work);
  const bool known =
      std::all_of(sent.auth_factors().begin(), sent.auth_factors().end(),
                  v2::AuthFactors_IsValid) &&
      std::all_of(sent.states().begin(), sent.states().end(), v2::AuthFactorState_IsValid);
  if (!known) {
    return reject(work,
                  "invalid ListAuthenticationFactorsRequest: value must be one of the defined enum "
                  "values");
  }
  work.in.wants_otp_email = filter_passes(sent.auth_factors(), v2::OTP_EMAIL) &&
                            filter_passes(sent.states(), v2::AUTH_FACTOR_STATE_READY);
}

// The messages of one operation. They are reused, each by its thread, so that their memory is kept.
struct binding {
  Message& (*request_message)() = nullptr;
  void (*read)(const Message& sent, const request& incoming, call& work) = nullptr;
  const Message& (*answer)(const answer& done) = nullptr;
};

template <class Type>
Type& cleared() {
  thread_local Type message;
  message.Clear();
  return message;
}

template <class Request, void (*Read)(const Request&, const request&, call&), class Response>
constexpr binding bind() {
  return {[]() -> Message& { return cleared<Request>(); },
          [](const Message& sent, const request& incoming, call& work) {
            Read(static_cast<const Request&>(sent), incoming, work);
          },
          [](const answer& done) -> const Message& {
            Response& message = cleared<Response>();
            write_answer(done, message);
            return message;
          }};
}

template <class Request, class Response>
constexpr binding bind() {
  return bind<Request, read_target<Request>, Response>();
}

constexpr std::array<binding, service::operation_count> bindings = [] {
  std::array<binding, service::operation_count> table{};
  const auto at = [&table](operation op) -> binding& {
    return table[static_cast<std::size_t>(op)];
  };
  using enum operation;
  at(remove_otp_email) = bind<v2::RemoveOTPEmailRequest, v2::RemoveOTPEmailResponse>();
  at(add_otp_email) = bind<v2::AddOTPEmailRequest, v2::AddOTPEmailResponse>();
  at(lock_user) = bind<v2::LockUserRequest, v2::LockUserResponse>();
  at(unlock_user) = bind<v2::UnlockUserRequest, v2::UnlockUserResponse>();
  at(deactivate_user) = bind<v2::DeactivateUserRequest, v2::DeactivateUserResponse>();
  at(reactivate_user) = bind<v2::ReactivateUserRequest, v2::ReactivateUserResponse>();
  at(delete_user) = bind<v2::DeleteUserRequest, v2::DeleteUserResponse>();
  at(get_user) = bind<v2::GetUserByIDRequest, v2::GetUserByIDResponse>();
  at(list_method_types) =
      bind<v2::ListAuthenticationMethodTypesRequest, v2::ListAuthenticationMethodTypesResponse>();
  at(list_factors) = bind<v2::ListAuthenticationFactorsRequest, read_list_factors,
                          v2::ListAuthenticationFactorsResponse>();
  at(add_human_user) =
      bind<v2::AddHumanUserRequest, read_add_human_user, v2::AddHumanUserResponse>();
  at(verify_email) = bind<v2::VerifyEmailRequest, read_verify_email, v2::VerifyEmailResponse>();
  return table;
}();

const binding& binding_of(operation op) { return bindings[static_cast<std::size_t>(op)]; }

std::string parse_json(std::string_view text, Message& out) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto status =
      google::protobuf::util::JsonStringToMessage({text.data(), text.size()}, &out, options);
  if (status.ok()) return {};
  // Its message may quote what was sent; only the first line of it is for people.
  std::string_view reason(status.message().data(), status.message().size());
  reason = reason.substr(0, reason.find('\n'));
  if (!service::is_storable(reason)) return "invalid JSON";
  return std::string("invalid JSON: ").append(reason);
}

}  // namespace

bool has_messages(operation op) noexcept { return binding_of(op).read != nullptr; }

void read_request_message(message_encoding encoding, std::string_view bytes,
                          const request& incoming, call& work) {
  const binding& bound = binding_of(work.op);
  FACTORD_CHECK(bound.read != nullptr);
  Message& sent = bound.request_message();
  if (const std::string fault = parse_message(encoding, bytes, sent); !fault.empty()) {
    return reject(work, fault);
  }
  bound.read(sent, incoming, work);
}

const Message& answer_message(const call& done) { return binding_of(done.op).answer(done.out); }

std::string parse_message(message_encoding encoding, std::string_view bytes, Message& out) {
  if (encoding == message_encoding::json) return parse_json(bytes, out);
  const bool parsed = out.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  return parsed ? std::string() : "malformed protobuf message";
}

void append_message(message_encoding encoding, const Message& message, std::string& out) {
  if (encoding == message_encoding::json) {
    const auto status = google::protobuf::util::MessageToJsonString(message, &out);
    FACTORD_CHECK(status.ok());
    return;
  }
  FACTORD_CHECK(message.AppendToString(&out));
}

void silence_protobuf_log() { google::protobuf::SetLogHandler(nullptr); }

}  // namespace factord::protocol

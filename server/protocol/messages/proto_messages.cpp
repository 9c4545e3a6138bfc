#include "server/protocol/messages/proto_messages.hpp"

#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <array>

#include "server/protocol/json/message.hpp"
#include "server/protocol/messages/add_human_user.hpp"
#include "server/protocol/messages/admin_requests.hpp"
#include "server/protocol/messages/proto_answer.hpp"
#include "server/protocol/messages/validation.hpp"
#include "storage/base/check.hpp"

namespace factord::protocol {
namespace {

namespace admin = factord::admin::v1;
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
  void (*name_target)(Message& sent, std::string_view id) = nullptr;  // by the id of a path
  const Message& (*answer)(const answer& done) = nullptr;
};

template <class Type>
Type& cleared() {
  thread_local Type message;
  message.Clear();
  return message;
}

// What has no answer message is asked for by a path alone.
template <class Request, void (*Read)(const Request&, const request&, call&)>
constexpr binding bind_request() {
  binding bound;
  bound.request_message = []() -> Message& { return cleared<Request>(); };
  bound.read = [](const Message& sent, const request& incoming, call& work) {
    Read(static_cast<const Request&>(sent), incoming, work);
  };
  return bound;
}

template <class Request, void (*Read)(const Request&, const request&, call&), class Response>
constexpr binding bind() {
  binding bound = bind_request<Request, Read>();
  bound.name_target = [](Message& sent, std::string_view id) {
    static_cast<Request&>(sent).mutable_user_id()->assign(id);
  };
  bound.answer = [](const answer& done) -> const Message& {
    Response& message = cleared<Response>();
    write_answer(done, message);
    return message;
  };
  return bound;
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
  at(create_token) = bind_request<admin::CreateTokenRequest, read_create_token>();
  at(start_backup) = bind_request<admin::StartBackupRequest, read_start_backup>();
  return table;
}();

const binding& binding_of(operation op) { return bindings[static_cast<std::size_t>(op)]; }

}  // namespace

bool has_messages(operation op) noexcept { return binding_of(op).answer != nullptr; }

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

void read_path_message(std::string_view body, std::string_view id, const request& incoming,
                       call& work) {
  const binding& bound = binding_of(work.op);
  FACTORD_CHECK(bound.read != nullptr);
  Message& sent = bound.request_message();
  if (const std::string fault = read_json_message(body, sent); !fault.empty()) {
    return reject(work, fault);
  }
  if (service::traits(work.op).has_target) bound.name_target(sent, id);
  bound.read(sent, incoming, work);
}

const Message& answer_message(const call& done) { return binding_of(done.op).answer(done.out); }

std::string parse_message(message_encoding encoding, std::string_view bytes, Message& out) {
  if (encoding == message_encoding::json) return read_json_message(bytes, out);
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

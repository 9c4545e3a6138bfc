#pragma once

#include "server/protocol/proto/factord/v1/event_service.pb.h"
#include "server/protocol/proto/zitadel/user/v2/user_service.pb.h"
#include "server/service/answer.hpp"

/// Finished calls into their answer messages, which come cleared.
namespace factord::protocol {

void write_time(timestamp time, google::protobuf::Timestamp& out);

void write_details(const service::object_details& details, zitadel::object::v2::Details& out);

void write_answer(const service::answer& done, zitadel::user::v2::AddHumanUserResponse& out);
void write_answer(const service::answer& done, zitadel::user::v2::ResendEmailCodeResponse& out);
void write_answer(const service::answer& done, zitadel::user::v2::GetUserByIDResponse& out);
void write_answer(const service::answer& done,
                  zitadel::user::v2::ListAuthenticationMethodTypesResponse& out);
void write_answer(const service::answer& done,
                  zitadel::user::v2::ListAuthenticationFactorsResponse& out);

/// One part of a stream.
void write_answer(const service::answer& done, factord::v1::WatchResponse& out);

/// Every command whose answer holds the details of its event, and no more: whatever else a message
/// has stays unset, which endpoint_table_test finds.
template <class Response>
void write_answer(const service::answer& done, Response& out) {
  write_details(done.details, *out.mutable_details());
}

}  // namespace factord::protocol

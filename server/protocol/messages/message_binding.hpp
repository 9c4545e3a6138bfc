#pragma once

#include <google/protobuf/message.h>

#include <string_view>

#include "server/protocol/messages/proto_answer.hpp"
#include "server/protocol/messages/user_requests.hpp"
#include "server/protocol/wire/request.hpp"
#include "server/service/call.hpp"

namespace factord::protocol {

/// The messages of one operation: which one asks for it, and which one answers it. The messages are
/// reused, each by its thread, so that their memory is kept.
struct message_binding {
  using message = google::protobuf::Message;

  message& (*request_message)() = nullptr;  ///< cleared
  void (*read)(const message& sent, const request& incoming, service::call& pending) = nullptr;
  void (*name_target)(message& sent, std::string_view id) = nullptr;  ///< by the id of a path
  const message& (*answer)(const service::answer& done) = nullptr;

  /// Asked for by a message.
  [[nodiscard]] constexpr bool asks() const noexcept {
    return request_message != nullptr && read != nullptr;
  }
  /// And answered by one: RPCs can reach it.
  [[nodiscard]] constexpr bool is_rpc() const noexcept { return asks() && answer != nullptr; }
};

template <class Message>
Message& cleared_message() {
  thread_local Message message;
  message.Clear();
  return message;
}

/// Of what has no answer message: asked for over a path alone.
template <class Request, void (*Read)(const Request&, const request&, service::call&)>
constexpr message_binding bind_request() {
  using google::protobuf::Message;
  message_binding bound;
  bound.request_message = []() -> Message& { return cleared_message<Request>(); };
  bound.read = [](const Message& sent, const request& incoming, service::call& pending) {
    Read(static_cast<const Request&>(sent), incoming, pending);
  };
  return bound;
}

template <class Request, class Response,
          void (*Read)(const Request&, const request&, service::call&) = read_target<Request>>
constexpr message_binding bind() {
  using google::protobuf::Message;
  message_binding bound = bind_request<Request, Read>();
  bound.name_target = [](Message& sent, std::string_view id) {
    static_cast<Request&>(sent).mutable_user_id()->assign(id);
  };
  bound.answer = [](const service::answer& done) -> const Message& {
    Response& message = cleared_message<Response>();
    write_answer(done, message);
    return message;
  };
  return bound;
}

}  // namespace factord::protocol

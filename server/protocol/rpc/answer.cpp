#include "server/protocol/rpc/answer.hpp"

#include <string>

#include "server/protocol/messages/proto_messages.hpp"
#include "server/protocol/rpc/ending.hpp"
#include "server/protocol/rpc/rules.hpp"
#include "server/protocol/wire/base64.hpp"
#include "server/protocol/wire/envelope.hpp"
#include "server/protocol/wire/wire_status.hpp"

namespace factord::protocol {
namespace {

using google::protobuf::Message;
using service::failure;
using service::status_code;

constexpr failure success{status_code::ok, {}, {}};

// What a client does about an error that is not in its message.
void add_failure_headers(const rpc_rules& rules, const failure& why, response& out) {
  if (why.code == status_code::unimplemented) {
    // It may be the compression: these are the ones known.
    out.headers.push_back({rules.accepted, "identity,gzip"});
  } else if (!rules.enveloped() && why.code == status_code::unauthenticated) {
    out.headers.push_back({"WWW-Authenticate", "Bearer"});
  } else if (!rules.enveloped() && why.code == status_code::unavailable) {
    out.ask_to_retry();
  }
}

}  // namespace

void write_rpc_message(rpc_form form, const Message& message, response& out) {
  if (rules_of(form).enveloped()) {
    append_stream_message(form, message, out);
    append_stream_end(form, success, out);
    return finish_body(form, out);
  }
  out.content_type = traits(form).content_type;
  append_message(encoding_of(form), message, out.body);
  // An empty message is a body of a type all the same.
  if (out.body.empty()) out.headers.push_back({"Content-Type", std::string(out.content_type)});
}

void write_rpc_failure(rpc_form form, const failure& why, response& out) {
  const rpc_rules& rules = rules_of(form);
  add_failure_headers(rules, why, out);
  if (rules.enveloped()) {
    append_stream_end(form, why, out);
    return finish_body(form, out);
  }
  // An error is JSON whatever the messages are.
  out.status = http_status(why.code);
  append_connect_error(why, out.body);
}

void append_stream_message(rpc_form form, const Message& message, response& out) {
  out.content_type = traits(form).content_type;
  const std::size_t head = open_envelope(out.body, 0);
  append_message(encoding_of(form), message, out.body);
  close_envelope(out.body, head);
}

void append_stream_end(rpc_form form, const failure& why, response& out) {
  out.content_type = traits(form).content_type;
  rules_of(form).append_end(why, out);
}

void finish_body(rpc_form form, response& out) {
  if (!traits(form).text) return;
  std::string text;
  append_base64(text, out.body, padding::equals);
  out.body = std::move(text);
}

}  // namespace factord::protocol

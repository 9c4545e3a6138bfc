// Requests of gRPC, gRPC-Web and Connect up to their message. A removal is read alike whichever
// form carries its message; a reflection stream says the same in whatever parts its questions
// arrive.

#include <array>
#include <string>
#include <vector>

#include "server/protocol/messages/proto_messages.hpp"
#include "server/protocol/rpc/api.hpp"
#include "server/protocol/rpc/timeout.hpp"
#include "server/protocol/wire/base64.hpp"
#include "server/protocol/wire/envelope.hpp"
#include "server/service/text.hpp"
#include "storage/base/check.hpp"
#include "storage/base/enum_table.hpp"
#include "tests/fuzz/input.hpp"

namespace factord::protocol {
namespace {

using service::status_code;

constexpr std::array<std::string_view, 4> compressions{"", "identity", "gzip", "br"};

const limits bounds = [] {
  limits small;
  small.body_bytes = 1'024;
  small.output_bytes = 64U << 10U;
  return small;
}();

field encoding_field(rpc_form form) {
  const rpc_protocol protocol = traits(form).protocol;
  if (protocol == rpc_protocol::connect) return field::content_encoding;
  return protocol == rpc_protocol::connect_stream ? field::connect_content_encoding
                                                  : field::grpc_encoding;
}

struct outcome {
  status_code code;
  std::string message;
  std::string user_id;

  bool operator==(const outcome&) const = default;
};

outcome read(rpc_form form, request incoming) {
  service::call pending(0);
  pending.op = service::operation::remove_otp_email;
  read_rpc(form, incoming, bounds, pending);
  if (pending.rejected.code == status_code::ok)
    FACTORD_CHECK(service::valid_id(pending.in.user_id));
  return {pending.rejected.code, pending.rejected.message, pending.in.user_id};
}

// The body in base64 is the body.
void check_text(const request& incoming, const outcome& plain) {
  request text = incoming;
  text.body.clear();
  append_base64(text.body, incoming.body, padding::equals);
  FACTORD_CHECK(read(rpc_form::grpc_web_text, text) == plain);
}

// A message that gRPC accepts says the same to Connect, without the envelope.
void check_connect(const request& incoming, const outcome& enveloped) {
  std::string_view body = incoming.body;
  const auto message = take_envelope(body);
  if (enveloped.code != status_code::ok || message->flags != 0) return;
  request bare;
  bare.body = message->payload;
  FACTORD_CHECK(read(rpc_form::connect_proto, bare) == enveloped);
}

void check_unary(rpc_form form, const request& incoming) {
  const outcome seen = read(form, incoming);
  if (form == rpc_form::grpc) {
    FACTORD_CHECK(read(rpc_form::grpc_web, incoming) == seen);
    check_text(incoming, seen);
    check_connect(incoming, seen);
  }
}

// Parts of a stream joined: what the client reads, and how it ended.
struct stream_answer {
  std::string body;
  std::vector<std::string> trailers;

  bool operator==(const stream_answer&) const = default;
};

void append(const response& part, stream_answer& all) {
  all.body += part.body;
  for (const auto& line : part.trailers) all.trailers.push_back(line.value);
}

stream_answer answer_whole(rpc_form form, request incoming) {
  response out;
  stream_answer all;
  FACTORD_CHECK(answer_reflection_stream(form, incoming, bounds, out) && !out.more);
  append(out, all);
  return all;
}

stream_answer answer_in_parts(rpc_form form, const request& incoming, fuzz::choices& choose) {
  request part = incoming;
  part.body.clear();
  stream_answer all;
  for (std::string_view rest = incoming.body;;) {
    const std::size_t size = choose.below(rest.size() + 1);
    part.body += rest.substr(0, size);
    rest.remove_prefix(size);
    part.more = !rest.empty();
    response out;
    const bool answered = answer_reflection_stream(form, part, bounds, out);
    if (answered) append(out, all);
    // The end, or a fault before it; what comes after that is dropped.
    if (answered && !out.more) return all;
    // Base64 waits for its end, bounded by the codec.
    const bool waits = traits(form).text;
    FACTORD_CHECK(part.more);
    FACTORD_CHECK(waits || part.body.size() <= bounds.body_bytes + envelope_head_bytes + size);
  }
}

void check_stream(rpc_form form, const request& incoming, fuzz::choices& choose) {
  const stream_answer whole = answer_whole(form, incoming);
  // How many answers fit is counted by part, so only short ones must agree.
  const bool bounded = whole.body.size() > bounds.output_bytes / 2;
  if (!bounded) FACTORD_CHECK(answer_in_parts(form, incoming, choose) == whole);
}

// Form, compression and timeout; then the body.
void check(std::string_view input) {
  fuzz::choices choose(input);
  fuzz::cursor in(input);
  const auto form = static_cast<rpc_form>(1 + in.byte() % (count_of<rpc_form> - 1));
  request incoming;
  const std::string_view compression = compressions[in.byte() % compressions.size()];
  if (!compression.empty()) incoming.add(encoding_field(form), compression);
  const std::string_view timeout = in.take(in.byte() % 16);
  if (!timeout.empty()) {
    const bool connect = traits(form).protocol >= rpc_protocol::connect;
    incoming.add(connect ? field::connect_timeout_ms : field::grpc_timeout, timeout);
  }
  incoming.body = in.rest();
  if (traits(form).protocol != rpc_protocol::connect_stream) check_unary(form, incoming);
  if (traits(form).protocol != rpc_protocol::connect) check_stream(form, incoming, choose);
}

}  // namespace
}  // namespace factord::protocol

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  factord::protocol::silence_protobuf_log();
  factord::protocol::check(factord::fuzz::as_text(data, size));
  return 0;
}

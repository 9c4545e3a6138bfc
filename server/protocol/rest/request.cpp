#include "server/protocol/rest/request.hpp"

#include <string>

#include "server/protocol/messages/endpoint.hpp"
#include "server/protocol/messages/proto_messages.hpp"
#include "server/protocol/messages/validation.hpp"
#include "server/protocol/rest/bulk.hpp"
#include "server/protocol/wire/content_coding.hpp"
#include "server/protocol/wire/gzip.hpp"

namespace factord::protocol {
namespace {

using service::call;

bool is_rejected(const call& pending) { return pending.rejected.code != service::status_code::ok; }

// Sets `body` to what was sent, without its Content-Encoding: it points into the request, or into
// `scratch`.
body_fault take_body(const request& incoming, std::size_t max, std::string& scratch,
                     std::string_view& body, call& pending) {
  body = incoming.body;
  const content_coding coding = find_content_coding(incoming.value(field::content_encoding));
  if (coding == content_coding::unknown) {
    reject(pending, "unknown Content-Encoding: a body is sent as gzip, or as it is");
    return body_fault::unknown_coding;
  }
  // Nothing is nothing, compressed or not.
  if (coding == content_coding::identity || body.empty()) return body_fault::none;
  const unzipped how = gunzip(incoming.body, max, scratch);
  if (how == unzipped::too_large) {
    reject(pending, "the request body is too large: decompressed more than " + std::to_string(max) +
                        " bytes");
    return body_fault::too_large;
  }
  if (how == unzipped::malformed) reject(pending, "the body is not what gzip makes");
  body = scratch;
  return body_fault::none;
}

body_fault read_message(const route_match& match, const request& incoming, std::size_t max,
                        call& pending) {
  if (match.id_malformed) reject(pending, "malformed percent-encoding in the path");
  if (is_rejected(pending)) return body_fault::none;
  // Kept from call to call, as the messages are.
  thread_local std::string scratch;
  std::string_view body;
  if (incoming.method == verb::post) {
    const body_fault fault = take_body(incoming, max, scratch, body, pending);
    if (is_rejected(pending)) return fault;
  }
  read_path_message(body, match.id, incoming, pending);
  return body_fault::none;
}

}  // namespace

body_fault read_json_request(const route_match& match, const request& incoming, std::size_t max,
                             call& pending) {
  const endpoint& reached = endpoint_of(pending.op);
  if (reached.read_path == nullptr) return read_message(match, incoming, max, pending);
  reached.read_path({incoming.target, match.id, incoming}, pending);
  const bool bulk = service::traits(pending.op).kind == service::operation_kind::bulk;
  return bulk && !is_rejected(pending) ? check_lines(incoming, pending) : body_fault::none;
}

}  // namespace factord::protocol

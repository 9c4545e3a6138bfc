#include "server/protocol/rest/request.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

#include "server/protocol/messages/proto_messages.hpp"
#include "server/protocol/messages/validation.hpp"
#include "server/protocol/wire/content_coding.hpp"
#include "server/protocol/wire/gzip.hpp"
#include "server/protocol/wire/uri.hpp"

namespace factord::protocol {
namespace {

using service::call;
using service::operation;

constexpr std::size_t events_limit_default = 100;
constexpr std::uint64_t page_limit_max = 1'000;

std::optional<std::uint64_t> to_number(std::string_view text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return value;
}

// A query parameter that is a number within bounds; `fallback` where it is absent.
std::uint64_t read_number(std::string_view target, std::string_view name, std::uint64_t min,
                          std::uint64_t max, std::uint64_t fallback, call& work) {
  std::string text;
  const parameter how = query_parameter(target, name, text);
  if (how == parameter::absent) return fallback;
  const auto value = how == parameter::found ? to_number(text) : std::nullopt;
  if (value && *value >= min && *value <= max) return *value;
  reject(work, std::string(name) + " must be a number from " + std::to_string(min) + " to " +
                   std::to_string(max));
  return fallback;
}

// A query parameter that is an id; left empty where it is absent.
void read_id(std::string_view target, std::string_view name, std::string_view field,
             std::string& id, call& work) {
  switch (query_parameter(target, name, id)) {
    case parameter::absent:
      return;
    case parameter::found:
      return check_length(work, field, id);
    case parameter::malformed:
      return reject(work, "malformed percent-encoding in the query");
  }
}

void read_events_query(std::string_view target, call& work) {
  work.in.after = read_number(target, "after", 0, UINT64_MAX, 0, work);
  work.in.limit = static_cast<std::size_t>(
      read_number(target, "limit", 1, page_limit_max, events_limit_default, work));
  read_id(target, "user", "UserId", work.in.user_id, work);
}

// Without a limit all are wanted, so 0: the service says where they are too many.
void read_tokens_query(std::string_view target, call& work) {
  work.in.limit =
      static_cast<std::size_t>(read_number(target, "limit", 1, page_limit_max, 0, work));
  read_id(target, "after", "After", work.in.token_id, work);
}

bool is_rejected(const call& work) { return work.rejected.code != service::status_code::ok; }

// Sets `body` to what was sent, without its Content-Encoding: it points into the request, or into
// `scratch`.
body_fault take_body(const request& incoming, std::size_t max, std::string& scratch,
                     std::string_view& body, call& work) {
  body = incoming.body;
  const content_coding coding = find_content_coding(incoming.value(field::content_encoding));
  if (coding == content_coding::unknown) {
    reject(work, "unknown Content-Encoding: a body is sent as gzip, or as it is");
    return body_fault::unknown_coding;
  }
  // Nothing is nothing, compressed or not.
  if (coding == content_coding::identity || body.empty()) return body_fault::none;
  const unzipped how = gunzip(incoming.body, max, scratch);
  if (how == unzipped::too_large) {
    reject(work, "the request body is too large: decompressed more than " + std::to_string(max) +
                     " bytes");
    return body_fault::too_large;
  }
  if (how == unzipped::malformed) reject(work, "the body is not what gzip makes");
  body = scratch;
  return body_fault::none;
}

body_fault read_message(const route_match& match, const request& incoming, std::size_t max,
                        call& work) {
  if (match.id_malformed) reject(work, "malformed percent-encoding in the path");
  if (is_rejected(work)) return body_fault::none;
  // Kept from call to call, as the messages are.
  thread_local std::string scratch;
  std::string_view body;
  if (incoming.method == verb::post) {
    const body_fault fault = take_body(incoming, max, scratch, body, work);
    if (is_rejected(work)) return fault;
  }
  read_path_message(body, match.id, incoming, work);
  return body_fault::none;
}

}  // namespace

body_fault read_json_request(const route_match& match, const request& incoming, std::size_t max,
                             call& work) {
  switch (work.op) {
    case operation::list_events:
      read_events_query(incoming.target, work);
      break;
    case operation::revoke_token:
      work.in.token_id.assign(match.id);
      break;
    case operation::get_backup:
      work.in.backup = to_number(match.id).value_or(0);
      break;
    case operation::list_tokens:
      read_tokens_query(incoming.target, work);
      break;
    case operation::stats:
      break;
    default:
      return read_message(match, incoming, max, work);
  }
  return body_fault::none;
}

}  // namespace factord::protocol

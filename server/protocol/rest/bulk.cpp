#include "server/protocol/rest/bulk.hpp"

#include "server/protocol/json/writer.hpp"
#include "server/protocol/messages/bulk.hpp"
#include "server/protocol/messages/endpoint.hpp"
#include "server/protocol/messages/proto_messages.hpp"
#include "server/protocol/messages/validation.hpp"
#include "server/protocol/rest/status.hpp"
#include "server/protocol/wire/content_coding.hpp"
#include "server/protocol/wire/json_error.hpp"
#include "server/protocol/wire/line.hpp"
#include "server/protocol/wire/wire_status.hpp"
#include "storage/base/ascii.hpp"

namespace factord::protocol {
namespace {

using service::call;
using service::status_code;

constexpr std::string_view media_type_of_lines = "application/x-ndjson";

bulk_item take(rpc_form /*form*/, const request& incoming, std::string_view& rest,
               std::size_t most) {
  using kind = bulk_item::kind;
  std::string_view line;
  switch (take_line(rest, incoming.more, most, line)) {
    case line_verdict::unfinished:
      break;
    case line_verdict::line:
      return {kind::line, line, status_code::ok, {}};
    case line_verdict::blank:
      return {kind::blank, {}, status_code::ok, {}};
    case line_verdict::too_long:
      return {kind::fault,
              {},
              status_code::invalid_argument,
              "the line is longer than " + std::to_string(most) + " bytes"};
    case line_verdict::end:
      return {kind::end, {}, status_code::ok, {}};
  }
  return {};
}

void read(rpc_form /*form*/, const bulk_kind& kind, std::string_view text, const request& incoming,
          call& line) {
  read_bulk_line(kind, message_encoding::json, text, incoming, line);
}

void write_number(std::string_view name, std::uint64_t value, json_writer& object) {
  object.field(name) += std::to_string(value);
}

// What could not be read names nobody, so its place is told.
void write(rpc_form /*form*/, const bulk_kind& kind, const call& line, response& out) {
  const service::answer& done = line.out;
  const bool good = done.code == status_code::ok;
  {
    json_writer object(out.body);
    const bool numbered = kind.numbered || line.rejected.code != status_code::ok;
    if (numbered) write_number("line", line.line, object);
    object.text("userId", user_of(line));
    write_number("status", good ? endpoint_of(kind.each).success : path_status(done), object);
    if (!good) {
      write_json_error({done.code, done.error_id, done.message}, object.field("error"));
    } else {
      object.number("sequence", done.details.sequence);
      if (kind.write_json != nullptr) kind.write_json(done, object);
      object.flag("replayed", done.retry == service::retry_verdict::replayed);
    }
  }
  out.body += '\n';
}

void write_end(rpc_form /*form*/, const bulk_end& how, response& out) {
  if (how.code == status_code::ok) return;
  {
    json_writer object(out.body);
    write_number("line", how.line, object);
    write_number("status", http_status(how.code), object);
    write_json_error({how.code, how.error_id, how.message}, object.field("error"));
  }
  out.body += '\n';
}

}  // namespace

const bulk_dialect json_bulk_dialect{take, read, write, write_end};

body_fault check_lines(const request& incoming, call& head) {
  if (!same_in_any_case(media_type(incoming.value(field::content_type)), media_type_of_lines)) {
    reject(head, "the Content-Type must be application/x-ndjson: a user a line");
    return body_fault::no_lines;
  }
  const auto coding = find_content_coding(incoming.value(field::content_encoding));
  if (coding == content_coding::identity) return body_fault::none;
  reject(head, "unknown Content-Encoding: lines are sent as they are");
  return body_fault::no_lines;
}

}  // namespace factord::protocol

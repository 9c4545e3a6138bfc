#include "server/protocol/http1/format.hpp"

#include <array>
#include <charconv>

#include "storage/base/check.hpp"

namespace factord::protocol::http1 {
namespace {

void append_number(std::string& out, std::size_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  FACTORD_CHECK(response::header::may_be(value));
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

// All that stands before what tells how long the body is.
void append_head(std::string& out, const response& answer, answer_form form,
                 std::string_view date) {
  out += "HTTP/1.1 ";
  append_number(out, answer.status);
  out += ' ';
  out += answer.status.reason();
  out += "\r\nServer: factord\r\nCache-Control: ";
  out += answer.cache_control;
  out += "\r\nX-Content-Type-Options: nosniff\r\nDate: ";
  out += date;
  if (!answer.request_name.empty()) {
    out += "\r\nX-Request-Id: ";
    out += answer.request_name;
  }
  out += "\r\n";
  for (const response::header& header : answer.headers)
    append_header(out, header.name, header.value);
  if (form.close) {
    out += "Connection: close\r\n";
  } else if (form.http10) {
    out += "Connection: keep-alive\r\n";
  }
}

// A chunk of nothing would be the end.
void append_chunk(std::string& out, std::string_view bytes) {
  if (bytes.empty()) return;
  std::array<char, 16> digits;
  out.append(digits.data(),
             std::to_chars(digits.data(), digits.data() + digits.size(), bytes.size(), 16).ptr);
  out += "\r\n";
  out += bytes;
  out += "\r\n";
}

void append_part(std::string& out, const response& answer, answer_form form,
                 std::string_view date) {
  if (!form.begun) {
    FACTORD_CHECK(!form.http10 && !form.head && answer.status.allows_body());
    append_head(out, answer, form, date);
    append_header(out, "Content-Type", answer.content_type);
    out += "Transfer-Encoding: chunked\r\n\r\n";
  }
  append_chunk(out, answer.body);
  if (!answer.more) out += "0\r\n\r\n";
}

}  // namespace

void append_answer(std::string& out, const response& answer, answer_form form,
                   std::string_view date) {
  if (answer.more || form.begun) return append_part(out, answer, form, date);
  append_head(out, answer, form, date);
  // RFC 9110, section 8.6: never in a 204, and what a 304 would say is not known here.
  if (answer.status.allows_body()) {
    if (!answer.body.empty()) append_header(out, "Content-Type", answer.content_type);
    out += "Content-Length: ";
    append_number(out, answer.body.size());
    out += "\r\n";
  }
  out += "\r\n";
  if (answer.status.allows_body() && !form.head) out += answer.body;
}

void append_continue(std::string& out) { out += "HTTP/1.1 100 Continue\r\n\r\n"; }

}  // namespace factord::protocol::http1

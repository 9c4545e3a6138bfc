#include "tests/support/connection_requests.hpp"

#include <array>
#include <charconv>
#include <initializer_list>

#include "storage/base/check.hpp"
#include "storage/base/enum_table.hpp"
#include "tests/support/connection_bulk.hpp"
#include "tests/support/connection_person.hpp"
#include "tests/support/connection_watch.hpp"

namespace factord::testing {
namespace {

constexpr std::size_t too_many_bytes = 70'000;

struct traits {
  ask what;
  std::optional<service::operation> op;
  unsigned status;          ///< where all is well
  std::string_view phrase;  ///< which its body then holds; "r#" stands for its user
};

using service::operation;
constexpr auto table = std::to_array<traits>({
    {ask::remove, operation::remove_otp_email, 404, "COMMAND-b312D"},
    {ask::remove_known, operation::remove_otp_email, 200, "sequence"},
    {ask::remove_as_nobody, operation::remove_otp_email, 401, "Errors.Token.Invalid"},
    {ask::remove_as_stranger, operation::remove_otp_email, 403, "AUTH-AWfge"},
    {ask::get, operation::get_user, 404, "QUERY-Dfbg2"},
    {ask::add, operation::add_human_user, 201, "\"userId\":\"r#\""},
    {ask::lock_chunked, operation::lock_user, 404, "COMMAND-450yxuqrh1"},
    {ask::live, std::nullopt, 200, "ok"},
    {ask::live_head, std::nullopt, 200, ""},
    {ask::connect_remove, operation::remove_otp_email, 404, "not_found"},
    {ask::too_large, std::nullopt, 413, "too large"},
    {ask::last, std::nullopt, 200, "ok"},
    {ask::watch, std::nullopt, 200, "unavailable"},
    {ask::bulk, operation::remove_otp_email, 200, ""},
});
static_assert(has_each_in_order(table, &traits::what));

const traits& of(ask what) { return table[static_cast<std::size_t>(what)]; }

std::string chunks(std::string_view body) {
  std::string out;
  for (const char c : body) out += std::string("1\r\n") + c + "\r\n";
  return out + "0\r\n\r\n";
}

std::string with_user(std::string_view phrase, const std::string& user) {
  std::string text(phrase);
  const auto at = text.find("r#");
  return at == text.npos ? text : text.replace(at, 2, user);
}

}  // namespace

std::string user_of(const request_sent& sent) {
  return sent.what == ask::remove_known ? "known" : "r" + std::to_string(sent.number);
}

std::optional<service::operation> operation_of(ask what) { return of(what).op; }

bool ends_connection(ask what) { return what == ask::last || what == ask::too_large; }

request_form form_of(const request_sent& sent, const token_names& tokens) {
  const std::string user = user_of(sent);
  std::string token = tokens.owner;
  if (sent.what == ask::remove_as_nobody) token = "nobody";
  if (sent.what == ask::remove_as_stranger) token = tokens.stranger;
  request_form form{"DELETE", "/v2/users/" + user + "/otp_email", {}, {}, false, false};
  switch (sent.what) {
    case ask::get:
      form.method = "GET";
      form.path = "/v2/users/" + user;
      break;
    case ask::add:
      form.method = "POST";
      form.path = "/v2/users/human";
      form.body = to_json(person_of(sent.number), user);
      form.chunked = sent.number % 2 == 1;
      break;
    case ask::lock_chunked:
      form = {"POST", "/v2/users/" + user + "/lock", {}, "{ }", true, false};
      break;
    case ask::live:
    case ask::live_head:
    case ask::last:
      form = {sent.what == ask::live_head ? "HEAD" : "GET", "/livez", {}, {}, false, false};
      form.close = sent.what == ask::last;
      return form;
    case ask::connect_remove:
      form = {"POST", "/zitadel.user.v2.UserService/RemoveOTPEmail", {}, {}, false, false};
      form.fields.emplace_back("content-type", "application/json");
      form.body = R"({"userId":")" + user + R"("})";
      break;
    case ask::watch:
      form = {"POST", std::string(watch_path), {}, watch_body(), false, false};
      form.fields.emplace_back("content-type", watch_type);
      return form;
    case ask::bulk:
      form = {"POST", std::string(bulk_path), {}, bulk_body(sent.number), false, false};
      form.chunked = sent.number % 2 == 1;
      form.fields.emplace_back("content-type", bulk_type);
      break;
    case ask::too_large:
      form.body.assign(too_many_bytes, 'x');
      break;
    default:
      break;
  }
  form.fields.emplace_back("authorization", "Bearer " + token);
  return form;
}

std::string to_http1(const request_form& form) {
  std::string out = form.method + " " + form.path + " HTTP/1.1\r\nHost: h\r\n";
  for (const auto& [name, value] : form.fields) out += name + ": " + value + "\r\n";
  if (form.close) out += "Connection: close\r\n";
  if (form.chunked) return out + "Transfer-Encoding: chunked\r\n\r\n" + chunks(form.body);
  if (!form.body.empty()) out += "Content-Length: " + std::to_string(form.body.size()) + "\r\n";
  return out + "\r\n" + form.body;
}

bool answers(const answer_parts& answer, const request_sent& sent) {
  const traits& expected = of(sent.what);
  const bool busy = answer.status == 503 || answer.status == 429;
  if (expected.op && busy && answer.body.find("\"code\":") != answer.body.npos) return true;
  // Somebody else may have taken the factor before.
  if (sent.what == ask::remove_known && answer.status == 404)
    return answer.body.find("COMMAND-b312D") != answer.body.npos;
  if (sent.what == ask::watch && !read_watch(answer.body).ended) return false;
  return answer.status == expected.status &&
         answer.body.find(with_user(expected.phrase, user_of(sent))) != answer.body.npos;
}

std::optional<http1_answer> find_http1_answer(std::string& bytes, bool head) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == bytes.npos) return std::nullopt;
  FACTORD_CHECK(bytes.starts_with("HTTP/1.1 "));
  http1_answer seen;
  std::from_chars(bytes.data() + 9, bytes.data() + 12, seen.parts.status);
  if (seen.parts.status < 200) {
    bytes.erase(0, end + 4);
    return find_http1_answer(bytes, head);
  }
  const std::size_t body = end + 4;
  const std::string_view fields = std::string_view(bytes).substr(0, body);
  if (fields.find("Transfer-Encoding: chunked\r\n") != bytes.npos) {
    chunked_body read = read_chunks(std::string_view(bytes).substr(body));
    seen.parts.body = std::move(read.bytes);
    if (read.whole) seen.bytes = body + read.wire_bytes;
    return seen;
  }
  std::size_t length = 0;
  const std::size_t at = fields.find("Content-Length: ");
  if (at != bytes.npos && !head)
    std::from_chars(bytes.data() + at + 16, bytes.data() + end, length);
  if (bytes.size() < body + length) return seen;
  seen.parts.body = bytes.substr(body, length);
  seen.bytes = body + length;
  return seen;
}

}  // namespace factord::testing

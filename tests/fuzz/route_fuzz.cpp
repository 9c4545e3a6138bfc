// Request targets: decoding is undone by encoding, a path's answer does not depend on what was
// routed before it or on how its id was escaped, and an id never holds what would split a path.

#include <string>
#include <tuple>

#include "server/protocol/router.hpp"
#include "server/protocol/wire/uri.hpp"
#include "storage/base/check.hpp"
#include "tests/fuzz/input.hpp"

namespace factord::protocol {
namespace {

std::string escape(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += '%';
    text += digits[static_cast<unsigned char>(c) >> 4U];
    text += digits[static_cast<unsigned char>(c) & 0xFU];
  }
  return text;
}

void check_decoding(std::string_view text) {
  std::string bytes;
  if (percent_decode(text, bytes) != decoded::malformed) FACTORD_CHECK(bytes.size() <= text.size());
  const bool has_slash = text.find('/') != std::string_view::npos;
  FACTORD_CHECK(percent_decode(escape(text), bytes) ==
                (has_slash ? decoded::has_slash : decoded::ok));
  FACTORD_CHECK(bytes == text);

  const std::string query = "/p?x=1&name=" + escape(text) + "&name=2";
  FACTORD_CHECK(query_parameter(query, "name", bytes) == parameter::found && bytes == text);
  FACTORD_CHECK(query_parameter(query, "nam", bytes) == parameter::absent);
}

auto parts(const route_match& match) {
  return std::tie(match.to, match.form, match.id, match.id_malformed, match.allow);
}

bool same(const route_match& a, const route_match& b) {
  return parts(a) == parts(b) && (a.to != destination::operation || a.op == b.op);
}

// Wherever it stands in the path, the id can be written in escapes alone.
void check_id(surface on, request asked, const route_match& match) {
  std::string path(path_of(asked.target));
  std::string plain;
  for (std::size_t begin = 0; begin < path.size();) {
    const std::size_t end = std::min(path.find('/', begin + 1), path.size());
    const std::string segment = path.substr(begin + 1, end - begin - 1);
    if (percent_decode(segment, plain) == decoded::ok && plain == match.id) {
      asked.target = path.substr(0, begin + 1) + escape(plain) + path.substr(end);
      route_match escaped;
      find_route(on, asked, escaped);
      // A literal that reads like the id is a literal still; then only the route stays.
      FACTORD_CHECK(escaped.to == match.to && escaped.op == match.op && escaped.id == match.id);
    }
    begin = end;
  }
}

void check(std::string_view input) {
  static route_match reused;
  fuzz::cursor in(input);
  const std::uint8_t first = in.byte();
  request asked;
  asked.method = static_cast<verb>(first % 8);
  const surface on = (first & 0x80U) == 0 ? surface::api : surface::admin;
  if ((first & 0x40U) != 0) asked.version = http_version::http2;
  const std::string_view type = in.take(in.byte() % 64);
  if (!type.empty()) asked.add(field::content_type, type);
  asked.target = in.rest();

  check_decoding(asked.target);
  route_match match;
  find_route(on, asked, match);
  find_route(on, asked, reused);
  FACTORD_CHECK(same(match, reused));
  FACTORD_CHECK(match.id.find('/') == std::string::npos);
  FACTORD_CHECK((match.to == destination::method_not_allowed) == !match.allow.empty());
  if (match.to == destination::operation && !match.id.empty() && !match.id_malformed) {
    check_id(on, asked, match);
  }
  if (asked.method == verb::get) {
    asked.method = verb::head;
    route_match head;
    find_route(on, asked, head);
    FACTORD_CHECK(same(match, head));
  }
}

}  // namespace
}  // namespace factord::protocol

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  factord::protocol::check(factord::fuzz::as_text(data, size));
  return 0;
}

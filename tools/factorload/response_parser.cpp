#include "tools/factorload/response_parser.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace factord::load {
namespace {

constexpr parsed_response malformed{parse_state::malformed, 0, false, 0};

// HTTP/1.x and three digits (RFC 9112, section 4). 0 where it is not that, or not a final status.
int read_status(std::string_view line) noexcept {
  constexpr std::string_view version = "HTTP/1.";
  constexpr std::size_t status_at = version.size() + 2;
  if (line.size() < status_at + 3 || !line.starts_with(version)) return 0;
  if (line[status_at - 1] != ' ') return 0;
  const std::string_view digits = line.substr(status_at, 3);
  int status = 0;
  const auto [end, failure] = std::from_chars(digits.begin(), digits.end(), status);
  const bool good = failure == std::errc{} && end == digits.end();
  return good && status >= 200 && status <= 599 ? status : 0;
}

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

// `small` is lower case already.
bool equal_ignoring_case(std::string_view text, std::string_view small) noexcept {
  return std::equal(text.begin(), text.end(), small.begin(), small.end(),
                    [](char a, char b) { return lower(a) == b; });
}

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

struct framing {
  std::optional<std::size_t> body;
  bool closes = false;
  bool good = true;
};

void read_field(std::string_view line, framing& seen) noexcept {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) {
    seen.good = false;
    return;
  }
  const std::string_view name = line.substr(0, colon);
  // Told apart by length first: nearly all fields are none of these.
  if (name.size() == 14 && equal_ignoring_case(name, "content-length")) {
    const std::string_view digits = trimmed(line.substr(colon + 1));
    std::size_t length = 0;
    const auto [end, failure] = std::from_chars(digits.begin(), digits.end(), length);
    const bool number = failure == std::errc{} && end == digits.end() && !digits.empty();
    seen.good = seen.good && number && length <= response_part_max && !seen.body;
    seen.body = length;
  } else if (name.size() == 10 && equal_ignoring_case(name, "connection")) {
    seen.closes = seen.closes || equal_ignoring_case(trimmed(line.substr(colon + 1)), "close");
  } else if (name.size() == 17 && equal_ignoring_case(name, "transfer-encoding")) {
    seen.good = false;
  }
}

}  // namespace

parsed_response parse_response(std::string_view bytes) noexcept {
  const std::size_t head_end = bytes.substr(0, response_part_max).find("\r\n\r\n");
  if (head_end == std::string_view::npos) {
    return bytes.size() < response_part_max ? parsed_response{} : malformed;
  }
  const std::string_view head = bytes.substr(0, head_end);
  std::size_t line_end = std::min(head.find("\r\n"), head.size());
  const int status = read_status(head.substr(0, line_end));
  if (status == 0) return malformed;

  framing seen;
  while (line_end < head.size()) {
    const std::size_t at = line_end + 2;
    line_end = std::min(head.find("\r\n", at), head.size());
    read_field(head.substr(at, line_end - at), seen);
  }
  // 204 and 304 end with their head (RFC 9112, section 6.3).
  if (status == 204 || status == 304) seen.body = 0;
  if (!seen.good || !seen.body) return malformed;

  const std::size_t length = head_end + 4 + *seen.body;
  const auto state = bytes.size() >= length ? parse_state::complete : parse_state::need_more;
  return {state, status, seen.closes, length};
}

}  // namespace factord::load

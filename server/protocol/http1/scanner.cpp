#include "server/protocol/http1/scanner.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "storage/base/ascii.hpp"

namespace factord::protocol::http1 {
namespace {

enum byte_class : unsigned char {
  token_byte = 1,   // is_token_char()
  value_byte = 2,   // RFC 9110, 5.5: VCHAR, obs-text, blanks
  target_byte = 4,  // what a request line is made of: printable ASCII
};

constexpr std::array<unsigned char, 256> make_classes() {
  std::array<unsigned char, 256> classes{};
  for (unsigned c = 0; c < 256; ++c) {
    const char as_char = static_cast<char>(c);
    const bool printable = c >= 0x20 && c <= 0x7E;
    unsigned char mask = 0;
    if (is_token_char(as_char)) mask |= token_byte;
    if (printable || c == '\t' || c >= 0x80) mask |= value_byte;
    if (printable) mask |= target_byte;
    classes[c] = mask;
  }
  return classes;
}

constexpr auto classes = make_classes();

constexpr bool is(char c, unsigned char which) {
  return (classes[static_cast<unsigned char>(c)] & which) != 0;
}

// Eight bytes as one number: what is true of each of them is told in a few steps.
using block = std::uint64_t;

constexpr block all_bytes(unsigned char c) { return block{c} * 0x0101010101010101U; }

constexpr block high_bits = all_bytes(0x80);

// Every target_byte, which is a value_byte too: none is below a blank, DEL, or above it.
constexpr bool all_printable(block bytes) {
  const block controls = (bytes - all_bytes(0x20)) & ~bytes;
  const block del = bytes ^ all_bytes(0x7F);
  const block dels = (del - all_bytes(1)) & ~del;
  return ((controls | dels | bytes) & high_bits) == 0;
}

static_assert(all_printable(all_bytes(' ')) && all_printable(all_bytes('~')));
static_assert(!all_printable(all_bytes(' ') - 1) && !all_printable(all_bytes('~') + 1));
static_assert(!all_printable(all_bytes(' ') ^ (block{0x80} << 56U)));

// How many bytes the blocks hold that `text` begins with and that are printable throughout.
std::size_t printable_blocks(std::string_view text) {
  std::size_t at = 0;
  for (block bytes = 0; text.size() - at >= sizeof bytes; at += sizeof bytes) {
    std::memcpy(&bytes, text.data() + at, sizeof bytes);
    if (!all_printable(bytes)) break;
  }
  return at;
}

}  // namespace

header_scanner::status header_scanner::scan(std::string_view input, std::size_t limit) {
  const std::size_t end = std::min(input.size(), limit);
  while (size_ < end && place_ != place::complete && place_ != place::bad) {
    skip_plain(input.substr(0, end));
    if (size_ < end) step(input[size_++]);
  }
  if (place_ == place::complete) return status::complete;
  if (place_ == place::bad) return status::bad;
  if (size_ < limit) return status::more;
  const bool in_line = place_ == place::request_line || place_ == place::request_line_end;
  return in_line ? status::line_too_long : status::too_long;
}

header_scanner header_scanner::of_fields() {
  header_scanner made;
  made.place_ = place::line_start;
  return made;
}

// Most bytes leave the place as it is.
void header_scanner::skip_plain(std::string_view input) {
  if (place_ == place::request_line) skip_all(input, target_byte);
  if (place_ == place::name) skip_all(input, token_byte);
  if (place_ == place::value) skip_all(input, value_byte);
}

void header_scanner::skip_all(std::string_view input, unsigned char which) {
  std::size_t at = size_;
  if (which != token_byte) at += printable_blocks(input.substr(at));
  while (at < input.size() && is(input[at], which)) ++at;
  size_ = at;
}

void header_scanner::step(char c) {
  switch (place_) {
    case place::request_line:
      return step_request_line(c);
    case place::request_line_end:
      return expect_line_feed(c, place::line_start);
    case place::line_start:
      return step_line_start(c);
    case place::name:
      return step_name(c);
    case place::value:
      return step_value(c);
    case place::value_end:
      return expect_line_feed(c, place::line_start);
    case place::header_end:
      return expect_line_feed(c, place::complete);
    case place::complete:
    case place::bad:
      return;
  }
}

void header_scanner::step_request_line(char c) {
  if (is(c, target_byte)) return;
  if (c == '\r' && size_ > 1) {
    place_ = place::request_line_end;
  } else if (c == '\r' || c == '\n') {
    refuse(size_ > 1 ? "a line must end with CR LF" : "the request line is empty");
  } else {
    refuse("the request line holds a byte that is not printable ASCII");
  }
}

void header_scanner::step_line_start(char c) {
  if (is(c, token_byte)) {
    place_ = place::name;
  } else if (c == '\r') {
    place_ = place::header_end;
  } else if (c == ' ' || c == '\t') {
    refuse("folded lines are not accepted");
  } else if (c == '\n') {
    refuse("a line must end with CR LF");
  } else {
    refuse("malformed header field name");
  }
}

void header_scanner::step_name(char c) {
  if (is(c, token_byte)) return;
  if (c == ':') {
    place_ = place::value;
  } else if (c == ' ' || c == '\t') {
    refuse("no blank may stand between a header field name and its colon");
  } else {
    refuse("malformed header field name");
  }
}

void header_scanner::step_value(char c) {
  if (is(c, value_byte)) return;
  if (c == '\r') {
    place_ = place::value_end;
  } else {
    refuse(c == '\n' ? "a line must end with CR LF" : "a header field value holds a control byte");
  }
}

void header_scanner::expect_line_feed(char c, place next) {
  if (c == '\n') {
    place_ = next;
  } else {
    refuse("a line must end with CR LF");
  }
}

void header_scanner::refuse(std::string_view reason) {
  place_ = place::bad;
  reason_ = reason;
}

}  // namespace factord::protocol::http1

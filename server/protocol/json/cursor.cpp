#include "server/protocol/json/cursor.hpp"

#include <set>

#include "storage/base/ascii.hpp"
#include "storage/base/check.hpp"
#include "storage/base/utf8.hpp"

namespace factord::protocol {
namespace {

constexpr unsigned high_surrogates = 0xD800;
constexpr unsigned low_surrogates = 0xDC00;
constexpr unsigned surrogates_end = 0xE000;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20; }

// What stands in a string for itself and is one byte.
bool is_plain(char c) {
  return !is_control(c) && static_cast<unsigned char>(c) < 0x80 && c != '"' && c != '\\';
}

void append_utf8(std::string& out, unsigned code) {
  const auto put = [&out](unsigned byte) { out.push_back(static_cast<char>(byte)); };
  const auto put_rest = [&put](unsigned bits) { put(0x80U | (bits & 0x3FU)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xC0U | code >> 6U);
    return put_rest(code);
  }
  if (code < 0x10000) {
    put(0xE0U | code >> 12U);
  } else {
    put(0xF0U | code >> 18U);
    put_rest(code >> 12U);
  }
  put_rest(code >> 6U);
  put_rest(code);
}

}  // namespace

json_cursor::kind json_cursor::peek() {
  if (failed()) return kind::none;
  skip_blanks();
  if (at_end()) return kind::none;
  switch (const char c = text_[at_]) {
    case '{':
      return kind::object;
    case '[':
      return kind::array;
    case '"':
      return kind::string;
    case 't':
    case 'f':
      return kind::boolean;
    case 'n':
      return kind::null;
    default:
      return c == '-' || is_digit(c) ? kind::number : kind::none;
  }
}

bool json_cursor::enter() {
  if (failed()) return false;
  FACTORD_CHECK(!at_end() && (text_[at_] == '{' || text_[at_] == '['));
  if (depth_ == levels_.size()) return fail("too deep");
  levels_[depth_++] = {text_[at_] == '{' ? '}' : ']', true};
  ++at_;
  return true;
}

bool json_cursor::more() {
  if (failed()) return false;
  FACTORD_CHECK(depth_ > 0);
  level& here = levels_[depth_ - 1];
  skip_blanks();
  if (take(here.close)) {
    --depth_;
    return false;
  }
  if (!here.first && !take(',')) {
    return fail_expected(here.close == '}' ? "a comma or the end of the object"
                                           : "a comma or the end of the array");
  }
  here.first = false;
  skip_blanks();
  return true;
}

bool json_cursor::name(std::string& out) {
  if (peek() != kind::string) return fail_expected("a name in quotes");
  if (!string(out)) return false;
  skip_blanks();
  return take(':') || fail_expected("a colon");
}

bool json_cursor::string(std::string& out) {
  out.clear();
  if (failed() || !take('"')) return fail_expected("a string");
  for (;;) {
    const std::size_t begin = at_;
    while (!at_end() && is_plain(text_[at_])) ++at_;
    out.append(text_, begin, at_ - begin);
    if (take('"')) return true;
    if (at_end()) return fail_expected("a closing quote");
    if (text_[at_] == '\\') {
      if (!take_escape(out)) return false;
      continue;
    }
    if (is_control(text_[at_])) return fail("a control character stands in a string");
    const std::size_t length = utf8_length(text_.substr(at_));
    if (length == 0) return fail("a string is not UTF-8");
    out.append(text_, at_, length);
    at_ += length;
  }
}

bool json_cursor::number(std::string_view& out) {
  if (failed()) return false;
  const std::size_t begin = at_;
  take('-');
  if (!take('0') && !take_digits()) return false;
  if (take('.') && !take_digits()) return false;
  if (take('e') || take('E')) {
    if (!take('+')) take('-');
    if (!take_digits()) return false;
  }
  out = text_.substr(begin, at_ - begin);
  return true;
}

bool json_cursor::boolean(bool& out) {
  out = !at_end() && text_[at_] == 't';
  return take_word(out ? "true" : "false");
}

bool json_cursor::null() { return take_word("null"); }

bool json_cursor::skip() {
  bool ignored_flag = false;
  std::string_view ignored_digits;
  switch (peek()) {
    case kind::object:
      return skip_object();
    case kind::array:
      return skip_array();
    case kind::string:
      return string(skipped_);
    case kind::number:
      return number(ignored_digits);
    case kind::boolean:
      return boolean(ignored_flag);
    case kind::null:
      return null();
    case kind::none:
      break;
  }
  return fail_expected("a value");
}

bool json_cursor::skip_object() {
  std::set<std::string> names;
  if (!enter()) return false;
  while (more()) {
    const std::size_t begin = at_;
    if (!name(skipped_)) return false;
    if (!names.insert(skipped_).second) return fail("a member is there twice", begin);
    if (!skip()) return false;
  }
  return !failed();
}

bool json_cursor::skip_array() {
  if (!enter()) return false;
  while (more()) {
    if (!skip()) return false;
  }
  return !failed();
}

bool json_cursor::end() {
  if (failed()) return false;
  skip_blanks();
  return at_end() || fail("something follows the value");
}

bool json_cursor::fail(std::string_view what, std::size_t offset) {
  if (failed()) return false;
  fault_.assign(what);
  fault_offset_ = offset;
  return false;
}

bool json_cursor::fail_expected(std::string_view what) {
  std::string full(what);
  return fail(full.append(at_end() ? " is missing at the end" : " is expected"));
}

void json_cursor::skip_blanks() {
  while (!at_end() &&
         (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) {
    ++at_;
  }
}

bool json_cursor::take(char wanted) {
  if (at_end() || text_[at_] != wanted) return false;
  ++at_;
  return true;
}

bool json_cursor::take_word(std::string_view word) {
  if (failed() || text_.substr(at_, word.size()) != word) return fail_expected(word);
  at_ += word.size();
  return true;
}

bool json_cursor::take_digits() {
  if (at_end() || !is_digit(text_[at_])) return fail_expected("a digit");
  while (!at_end() && is_digit(text_[at_])) ++at_;
  return true;
}

bool json_cursor::take_escape(std::string& out) {
  constexpr std::string_view letters = "\"\\/bfnrt";
  constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
  const std::size_t begin = at_++;
  if (take('u')) return take_code_point(begin, out);
  if (at_end()) return fail_expected("a closing quote");
  const std::size_t found = letters.find(text_[at_]);
  if (found == std::string_view::npos) return fail("an unknown escape stands in a string", begin);
  out.push_back(meanings[found]);
  ++at_;
  return true;
}

bool json_cursor::take_code_unit(unsigned& out) {
  out = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    const int digit = at_end() ? -1 : hex_value(text_[at_]);
    if (digit < 0) return fail_expected("a hexadecimal digit");
    out = out << 4U | static_cast<unsigned>(digit);
  }
  return true;
}

// Behind the \u of an escape that begins at `begin`: one code unit, or two that are a pair.
bool json_cursor::take_code_point(std::size_t begin, std::string& out) {
  constexpr std::string_view lone = "half a surrogate pair stands in a string";
  unsigned code = 0;
  if (!take_code_unit(code)) return false;
  if (code >= low_surrogates && code < surrogates_end) return fail(lone, begin);
  if (code >= high_surrogates && code < low_surrogates) {
    unsigned low = 0;
    if (!take('\\') || !take('u')) return fail(lone, begin);
    if (!take_code_unit(low)) return false;
    if (low < low_surrogates || low >= surrogates_end) return fail(lone, begin);
    code = 0x10000 + ((code - high_surrogates) << 10U) + (low - low_surrogates);
  }
  append_utf8(out, code);
  return true;
}

}  // namespace factord::protocol

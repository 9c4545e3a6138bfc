#include "server/jwt/strict_json.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace factord::jwt {
namespace {

namespace json = boost::json;

constexpr std::string_view there_twice = "a member is there twice";
constexpr std::string_view zero = "a text holds U+0000";

// What basic_parser calls for each piece: builds the value, and looks at what json::parser does
// not.
class builder {
 public:
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

  using code = json::error_code;
  using text = json::string_view;

  builder() { values_.reset(); }
  [[nodiscard]] std::string_view fault() const noexcept { return fault_; }
  [[nodiscard]] json::value release() { return values_.release(); }

  bool on_document_begin(code&) { return true; }
  bool on_document_end(code&) { return true; }
  bool on_object_begin(code&) {
    begins_.push_back(names_.size());
    return true;
  }
  bool on_object_end(std::size_t size, code& failed) {
    const auto first = names_.begin() + static_cast<std::ptrdiff_t>(begins_.back());
    std::sort(first, names_.end());
    if (std::adjacent_find(first, names_.end()) != names_.end()) return fail(there_twice, failed);
    names_.erase(first, names_.end());
    begins_.pop_back();
    values_.push_object(size);
    return true;
  }
  bool on_array_begin(code&) { return true; }
  bool on_array_end(std::size_t size, code&) {
    values_.push_array(size);
    return true;
  }
  bool on_key_part(text part, std::size_t, code& failed) {
    name_.append(part.data(), part.size());
    values_.push_chars(part);
    return has_no_zero(part, failed);
  }
  bool on_key(text part, std::size_t, code& failed) {
    name_.append(part.data(), part.size());
    names_.push_back(std::exchange(name_, {}));
    values_.push_key(part);
    return has_no_zero(part, failed);
  }
  bool on_string_part(text part, std::size_t, code& failed) {
    values_.push_chars(part);
    return has_no_zero(part, failed);
  }
  bool on_string(text part, std::size_t, code& failed) {
    values_.push_string(part);
    return has_no_zero(part, failed);
  }
  bool on_number_part(text, code&) { return true; }
  bool on_int64(std::int64_t value, text, code&) {
    values_.push_int64(value);
    return true;
  }
  bool on_uint64(std::uint64_t value, text, code&) {
    values_.push_uint64(value);
    return true;
  }
  bool on_double(double value, text, code&) {
    values_.push_double(value);
    return true;
  }
  bool on_bool(bool value, code&) {
    values_.push_bool(value);
    return true;
  }
  bool on_null(code&) {
    values_.push_null();
    return true;
  }
  bool on_comment_part(text, code&) { return true; }
  bool on_comment(text, code&) { return true; }

 private:
  bool fail(std::string_view what, code& failed) {
    fault_ = what;
    failed = json::error::syntax;
    return false;
  }
  bool has_no_zero(text part, code& failed) {
    return part.find('\0') == text::npos || fail(zero, failed);
  }

  json::value_stack values_;
  std::string name_;                 ///< of a member, so far
  std::vector<std::string> names_;   ///< of the objects that are open
  std::vector<std::size_t> begins_;  ///< where among them those of each begin
  std::string_view fault_;           ///< of ours
};

}  // namespace

result<json::value> parse_strict_json(std::string_view text) {
  json::parse_options options;
  options.max_depth = json_depth_max;
  json::basic_parser<builder> parser(options);
  json::error_code failed;
  const std::size_t taken = parser.write_some(false, text.data(), text.size(), failed);
  if (!failed && taken < text.size()) failed = json::error::extra_data;
  if (!failed) return parser.handler().release();
  const std::string_view ours = parser.handler().fault();
  return error{errc::bad_argument,
               "invalid JSON: " + (ours.empty() ? failed.message() : std::string(ours))};
}

const json::string* find_text(const json::object& in, std::string_view name) noexcept {
  const json::value* found = in.if_contains({name.data(), name.size()});
  return found == nullptr ? nullptr : found->if_string();
}

}  // namespace factord::jwt

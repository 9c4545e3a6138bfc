#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace factord::protocol {

/// How many objects and arrays may stand inside each other, the outermost counted.
inline constexpr std::size_t json_depth_max = 32;

/// Takes a JSON text (RFC 8259) apart, front to back, value by value. Nothing passes that the
/// grammar does not have: no trailing comma, no comment, no NaN; strings are UTF-8 with surrogates
/// in pairs; in what is skipped, too, a name stands once in its object. The caller asks peek() what
/// comes next and takes just that.
///
/// The first fault ends it: every function that returns bool is false from then on, and fault()
/// says what is wrong and where.
class json_cursor {
 public:
  enum class kind : char { object, array, string, number, boolean, null, none };

  /// `text` outlives this.
  explicit json_cursor(std::string_view text) : text_(text) {}

  /// What the next value is, blanks before it skipped, told by its first character; `none` where no
  /// value begins there.
  [[nodiscard]] kind peek();
  /// Of the next character, in bytes from the front.
  [[nodiscard]] std::size_t offset() const noexcept { return at_; }

  /// Into the object or array that peek() found.
  [[nodiscard]] bool enter();
  /// True before each member or element of what was entered last; false behind its end.
  [[nodiscard]] bool more();
  /// A member's name and the colon behind it.
  [[nodiscard]] bool name(std::string& out);
  /// The string that peek() found, unescaped.
  [[nodiscard]] bool string(std::string& out);
  /// The number that peek() found, as it is written.
  [[nodiscard]] bool number(std::string_view& out);
  [[nodiscard]] bool boolean(bool& out);
  [[nodiscard]] bool null();
  /// One value of any kind.
  [[nodiscard]] bool skip();
  /// Blanks up to the end of the text.
  [[nodiscard]] bool end();

  /// Notes a fault that the caller found, unless there is one already. False.
  bool fail(std::string_view what, std::size_t offset);
  bool fail(std::string_view what) { return fail(what, at_); }
  [[nodiscard]] bool failed() const noexcept { return !fault_.empty(); }
  /// What is wrong, for people: valid UTF-8, nothing of the text in it. Empty: nothing.
  [[nodiscard]] const std::string& fault() const noexcept { return fault_; }
  /// Where, in bytes from the front.
  [[nodiscard]] std::size_t fault_offset() const noexcept { return fault_offset_; }

 private:
  struct level {
    char close;
    bool first;
  };

  void skip_blanks();
  [[nodiscard]] bool at_end() const noexcept { return at_ == text_.size(); }
  /// True where the next character is this one, which is then taken.
  bool take(char wanted);
  bool take_word(std::string_view word);
  bool take_digits();
  bool take_escape(std::string& out);
  bool take_code_unit(unsigned& out);
  bool take_code_point(std::size_t begin, std::string& out);
  bool skip_object();
  bool skip_array();
  bool fail_expected(std::string_view what);

  std::string_view text_;
  std::size_t at_ = 0;
  std::array<level, json_depth_max> levels_{};
  std::size_t depth_ = 0;
  std::string skipped_;  ///< scratch
  std::string fault_;
  std::size_t fault_offset_ = 0;
};

}  // namespace factord::protocol

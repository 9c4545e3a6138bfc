#include "storage/postgres/standbys.hpp"

#include <charconv>
#include <system_error>

namespace factord::storage {

namespace {

constexpr std::string_view blanks = " \t\n\r\f\v";

void skip_blanks(std::string_view& text) noexcept {
  const std::size_t begin = text.find_first_not_of(blanks);
  text.remove_prefix(begin == std::string_view::npos ? text.size() : begin);
}

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Takes a word off, in whatever case it is, that a blank ends.
bool take_word(std::string_view& text, std::string_view word) noexcept {
  if (text.size() <= word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (lower(text[i]) != word[i]) return false;
  }
  if (blanks.find(text[word.size()]) == std::string_view::npos) return false;
  text.remove_prefix(word.size());
  skip_blanks(text);
  return true;
}

}  // namespace

unsigned demanded_standbys(std::string_view setting) noexcept {
  skip_blanks(setting);
  if (setting.empty()) return 0;
  // A standby may be called "first", or 2: only what a list in brackets follows is a number.
  if (!take_word(setting, "first")) (void)take_word(setting, "any");
  unsigned number = 0;
  const auto [end, failure] =
      std::from_chars(setting.data(), setting.data() + setting.size(), number);
  if (failure != std::errc{} || number == 0) return 1;
  setting.remove_prefix(static_cast<std::size_t>(end - setting.data()));
  skip_blanks(setting);
  return setting.starts_with('(') ? number : 1;
}

}  // namespace factord::storage

#include "server/config_file.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace factord {
namespace {

bool is_bare(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '_';
}

/// Reads from the front of a text and knows its line.
class reader {
 public:
  explicit reader(std::string_view text) : rest_(text) {}

  [[nodiscard]] std::size_t line() const noexcept { return line_; }
  [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

  bool skip(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    line_ += c == '\n' ? 1 : 0;
    rest_.remove_prefix(1);
    return true;
  }

  void skip_blanks() {
    while (skip(' ') || skip('\t')) {
    }
  }

  /// Blanks, a comment, and the end of the line. False where something else stands there.
  bool skip_line_end() {
    skip_blanks();
    if (!rest_.empty() && rest_.front() == '#')
      rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
    skip('\r');
    return at_end() || skip('\n');
  }

  void skip_empty_lines() {
    while (!at_end()) {
      const reader before = *this;
      if (skip_line_end()) continue;
      *this = before;
      return;
    }
  }

  std::string_view bare() {
    const auto end = std::ranges::find_if_not(rest_, is_bare);
    return take(static_cast<std::size_t>(end - rest_.begin()));
  }

  /// A value that is no array. False where there is none.
  bool scalar(std::string& out, bool& is_text) {
    is_text = !rest_.empty() && (rest_.front() == '"' || rest_.front() == '\'');
    if (!is_text) {
      out = bare();
      return !out.empty();
    }
    const char quote = rest_.front();
    rest_.remove_prefix(1);
    return quoted(quote, out);
  }

 private:
  std::string_view take(std::size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  // In double quotes \" and \\ are the only escapes that a path or an address needs.
  bool quoted(char quote, std::string& out) {
    out.clear();
    while (!rest_.empty() && rest_.front() != '\n') {
      const char c = take(1).front();
      if (c == quote) return true;
      if (c == '\\' && quote == '"') {
        if (rest_.empty() || (rest_.front() != '"' && rest_.front() != '\\')) return false;
        out += take(1);
      } else {
        out += c;
      }
    }
    return false;
  }

  std::string_view rest_;
  std::size_t line_ = 1;
};

error at_line(std::size_t line, const std::string& message) {
  return {errc::bad_argument, "line " + std::to_string(line) + ": " + message};
}

result<void> read_array(reader& in, file_item& item) {
  item.is_array = true;
  item.is_text = true;
  for (;;) {
    in.skip_empty_lines();
    in.skip_blanks();
    if (in.skip(']')) return {};
    std::string value;
    bool is_text = false;
    if (!in.scalar(value, is_text)) return at_line(in.line(), "a value or ']' is needed");
    item.is_text = item.is_text && is_text;
    item.values.push_back(std::move(value));
    in.skip_empty_lines();
    in.skip_blanks();
    if (in.skip(']')) return {};
    if (!in.skip(',')) return at_line(in.line(), "',' or ']' is needed");
  }
}

result<file_item> read_item(reader& in) {
  file_item item;
  item.line = in.line();
  in.skip_blanks();
  item.key = in.bare();
  if (item.key.empty()) return at_line(item.line, "a key is needed (there are no sections)");
  in.skip_blanks();
  if (!in.skip('=')) return at_line(item.line, "'=' is needed after '" + item.key + "'");
  in.skip_blanks();
  if (in.skip('[')) {
    if (auto read = read_array(in, item); !read) return read.error();
  } else {
    std::string value;
    if (!in.scalar(value, item.is_text))
      return at_line(item.line, "'" + item.key + "' needs a number, or a string in quotes");
    item.values.push_back(std::move(value));
  }
  if (!in.skip_line_end()) return at_line(in.line(), "the line goes on after its value");
  return item;
}

}  // namespace

result<std::vector<file_item>> parse_config_file(std::string_view text) {
  std::vector<file_item> items;
  reader in(text);
  for (in.skip_empty_lines(); !in.at_end(); in.skip_empty_lines()) {
    auto item = read_item(in);
    if (!item) return item.error();
    if (std::ranges::find(items, item->key, &file_item::key) != items.end())
      return at_line(item->line, "'" + item->key + "' is given twice");
    items.push_back(std::move(*item));
  }
  return items;
}

result<std::vector<file_item>> read_config_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) return error{errc::bad_argument, path.string() + ": cannot be read"};
  auto items = parse_config_file(text);
  if (!items) return error{errc::bad_argument, path.string() + ", " + items.error().message};
  return items;
}

}  // namespace factord

// Configuration: the file, the texts of its values, and the command line. What was read can be
// written and read again; a value is within its bounds; a command line comes to a config or to
// usage, never to both.

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "server/config/config.hpp"
#include "server/config/file.hpp"
#include "server/config/values.hpp"
#include "storage/base/check.hpp"
#include "tests/fuzz/input.hpp"

namespace factord {
namespace {

// A string of TOML. Control characters stand in it only by their numbers.
std::string quote(std::string_view value) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "\"";
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      text += "\\u00";
      text += digits[byte >> 4U];
      text += digits[byte & 0x0fU];
      continue;
    }
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}

// A value of a map is "name=text".
std::string write_map(const file_item& item) {
  std::string text = "{";
  for (const std::string& value : item.values) {
    const std::size_t equals = value.rfind('=');
    text += text.size() > 1 ? ", " : " ";
    text += quote(value.substr(0, equals)) + " = " + quote(value.substr(equals + 1));
  }
  return text + " }\n";
}

std::string write(const std::vector<file_item>& items) {
  std::string text;
  for (const file_item& item : items) {
    text += quote(item.key) + " = ";
    if (item.is_map) {
      text += write_map(item);
      continue;
    }
    if (item.is_array) text += "[\n";
    for (const std::string& value : item.values) {
      text += quote(value);
      if (item.is_array) text += ",  # one of them\n";
    }
    text += item.is_array ? "]\n" : "\n";
  }
  return text;
}

std::string write(const config_file& file) {
  std::string text = write(file.items);
  for (const file_section& one : file.sections) text += "[[jwt]]\n" + write(one.items);
  return text;
}

// The values of a map have no order of their own, and a '=' in one is not told from the one
// between.
void check_same(const std::vector<file_item>& items, const std::vector<file_item>& again) {
  FACTORD_CHECK(again.size() == items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    const file_item& a = items[i];
    const file_item& b = again[i];
    FACTORD_CHECK(a.key == b.key && a.is_array == b.is_array && a.is_map == b.is_map);
    FACTORD_CHECK(a.is_map || a.values == b.values);
    FACTORD_CHECK(a.is_array || a.is_map || a.values.size() == 1);
  }
}

void check_file(std::string_view input) {
  const auto file = parse_config_file(input);
  if (!file) {
    FACTORD_CHECK(file.error().message.starts_with("line "));
    return;
  }
  // Two names of a map may come to one by then.
  const auto again = parse_config_file(write(*file));
  const bool has_map = std::ranges::any_of(file->sections, [](const file_section& one) {
    return std::ranges::any_of(one.items, &file_item::is_map);
  });
  if (!again && has_map) return;
  FACTORD_CHECK(again && again->sections.size() == file->sections.size());
  check_same(file->items, again->items);
  for (std::size_t i = 0; i < file->sections.size(); ++i)
    check_same(file->sections[i].items, again->sections[i].items);
}

void check_values(std::string_view input) {
  using namespace std::chrono_literals;
  if (const auto value = config_values::number(input, 10, 1'000)) {
    FACTORD_CHECK(*value >= 10 && *value <= 1'000);
    FACTORD_CHECK(*config_values::number(std::to_string(*value), *value, *value) == *value);
  }
  if (const auto value = config_values::bytes(input, 1'024, 1U << 30U)) {
    FACTORD_CHECK(*value >= 1'024 && *value <= 1U << 30U);
    FACTORD_CHECK(*config_values::bytes(std::to_string(*value), *value, *value) == *value);
  }
  if (const auto value = config_values::duration(input, 1ms, 1h)) {
    FACTORD_CHECK(*value >= 1ms && *value <= 1h);
    const std::string text = std::to_string(value->count()) + "ms";
    FACTORD_CHECK(*config_values::duration(text, *value, *value) == *value);
  }
  if (const auto value = config_values::origin(input)) {
    FACTORD_CHECK(*value == input && value->find_first_of(" \r\n,/", 8) == std::string::npos);
  }
}

// An argument a line; without files, which would be this machine's.
void check_command_line(std::string_view input) {
  std::vector<std::string> arguments;
  for (fuzz::cursor in(input); !in.empty();) {
    const std::string_view rest = in.rest();
    const std::string_view line = rest.substr(0, rest.find('\n'));
    if (line.find("config") != std::string_view::npos) return;
    if (line.find('\0') != std::string_view::npos || arguments.size() == 20) return;
    arguments.emplace_back(line);
    in = fuzz::cursor(rest.substr(std::min(rest.size(), line.size() + 1)));
  }
  std::vector<const char*> pointers;
  for (const std::string& argument : arguments) pointers.push_back(argument.c_str());
  const config_outcome outcome = load_config(pointers, {});
  if (outcome.ready) {
    FACTORD_CHECK(!outcome.ready->data_dir.empty() && !outcome.ready->listens.empty());
    FACTORD_CHECK(outcome.ready->bounds.pipelined_requests > 0);
  } else {
    FACTORD_CHECK(outcome.exit_code == 0 || outcome.exit_code == 2);
    FACTORD_CHECK(!outcome.text.empty());
  }
}

}  // namespace
}  // namespace factord

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = factord::fuzz::as_text(data, size);
  factord::check_file(input);
  factord::check_values(input);
  factord::check_command_line(input);
  return 0;
}

#include "server/config/file.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>

#include "server/net/small_file.hpp"

namespace factord {
namespace {

// Hundreds of times what all settings take.
constexpr std::size_t file_bytes_max = 1U << 20U;
// It may be a pipe: --config <(make-settings).
constexpr std::chrono::seconds patience{5};

error at_line(std::size_t line, std::string_view message) {
  return {errc::bad_argument, "line " + std::to_string(line) + ": " + std::string(message)};
}

// As it would be written on the command line.
std::string text_of(double number) {
  std::array<char, 400> digits;
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), number, std::chars_format::fixed)
          .ptr;
  return {digits.data(), end};
}

result<void> add_value(file_item& item, const toml::node& node) {
  const std::size_t line = node.source().begin.line;
  if (const auto* number = node.as_integer()) {
    item.values.push_back(std::to_string(number->get()));
    item.is_text = false;
    return {};
  }
  if (const auto* share = node.as_floating_point()) {
    item.values.push_back(text_of(share->get()));
    item.is_text = false;
    return {};
  }
  if (const auto* truth = node.as_boolean()) {
    item.values.emplace_back(truth->get() ? "true" : "false");
    item.is_text = false;
    return {};
  }
  const auto* text = node.as_string();
  if (text == nullptr)
    return at_line(line, "'" + item.key + "' needs a number, true or false, or a string in quotes");
  // Paths end at it, so what is used would not be what is written.
  if (text->get().find('\0') != std::string::npos)
    return at_line(line, "'" + item.key + "' holds U+0000");
  item.values.push_back(text->get());
  return {};
}

result<void> add_elements(file_item& item, const toml::array& array) {
  item.is_array = true;
  for (const toml::node& element : array) {
    if (const auto added = add_value(item, element); !added) return added.error();
  }
  return {};
}

// Of texts alone: what a name stands for.
result<void> add_map(file_item& item, const toml::table& table) {
  item.is_map = true;
  for (const auto& [name, node] : table) {
    if (!node.is_string())
      return at_line(item.line, "'" + item.key + "' maps names to strings in quotes");
    if (const auto added = add_value(item, node); !added) return added.error();
    item.values.back().insert(0, std::string(name.str()) + "=");
  }
  return {};
}

std::string no_section(const std::string& key) {
  if (key == section_name) return "'jwt' is a section that may be repeated: write [[jwt]]";
  return "there are no sections: '" + key + "'";
}

result<file_item> read_item(const toml::key& key, const toml::node& node, bool in_section) {
  file_item item;
  item.key = key.str();
  item.line = key.source().begin.line;
  item.is_text = true;
  result<void> added;
  if (const auto* table = node.as_table()) {
    if (!in_section) return at_line(item.line, no_section(item.key));
    added = add_map(item, *table);
  } else if (const auto* array = node.as_array()) {
    added = add_elements(item, *array);
  } else {
    added = add_value(item, node);
  }
  if (!added) return added.error();
  return item;
}

result<std::vector<file_item>> read_items(const toml::table& table, bool in_section) {
  std::vector<file_item> items;
  for (const auto& [key, node] : table) {
    const bool is_section = !in_section && key.str() == section_name && node.is_array_of_tables();
    if (is_section) continue;
    auto item = read_item(key, node, in_section);
    if (!item) return item.error();
    items.push_back(*std::move(item));
  }
  std::ranges::stable_sort(items, {}, &file_item::line);
  return items;
}

result<std::vector<file_section>> read_sections(const toml::table& table) {
  std::vector<file_section> sections;
  const auto* found = table[section_name].as_array();
  if (found == nullptr || !found->is_array_of_tables()) return sections;
  for (const toml::node& node : *found) {
    auto items = read_items(*node.as_table(), true);
    if (!items) return items.error();
    sections.push_back({*std::move(items), node.source().begin.line});
  }
  return sections;
}

}  // namespace

result<config_file> parse_config_file(std::string_view text) {
  toml::table table;
  try {
    table = toml::parse(text);
  } catch (const toml::parse_error& wrong) {
    return at_line(wrong.source().begin.line, wrong.description());
  }
  auto items = read_items(table, false);
  if (!items) return items.error();
  auto sections = read_sections(table);
  if (!sections) return sections.error();
  return config_file{*std::move(items), *std::move(sections)};
}

result<config_file> read_config_file(const std::filesystem::path& path) {
  const auto text = net::read_small_file(path, file_bytes_max, patience);
  if (!text) return text.error();
  auto parsed = parse_config_file(*text);
  if (!parsed) return error{errc::bad_argument, path.string() + ", " + parsed.error().message};
  return parsed;
}

}  // namespace factord

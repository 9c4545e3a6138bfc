#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/error.hpp"

namespace factord {

/// One `key = value` of a configuration file.
struct file_item {
  std::string key;
  std::vector<std::string> values;  ///< one, or those of an array; numbers in decimal digits
  bool is_array = false;
  bool is_text = false;  ///< a string, or an array or a map of nothing else
  bool is_map = false;   ///< { "a" = "b" }: its values are "a=b"; within a section only
  std::size_t line = 0;
};

/// The one kind of section that there is, any number of times: [[jwt]].
inline constexpr std::string_view section_name = "jwt";

struct file_section {
  std::vector<file_item> items;
  std::size_t line = 0;
};

struct config_file {
  std::vector<file_item> items;
  std::vector<file_section> sections;
};

/// Reads TOML as far as settings go: strings, whole numbers, truths, and arrays of these, and
/// sections, each in the order of the file. What is no TOML, and values of other kinds, fail with
/// errc::bad_argument and the line.
[[nodiscard]] result<config_file> parse_config_file(std::string_view text);

/// The same, from a file or pipe of at most 1 MiB; its name starts every message.
[[nodiscard]] result<config_file> read_config_file(const std::filesystem::path& path);

}  // namespace factord

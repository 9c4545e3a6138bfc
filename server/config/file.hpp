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
  bool is_text = false;  ///< a string, or an array of nothing else
  std::size_t line = 0;
};

/// Reads TOML as far as settings go: strings, whole numbers, truths, and arrays of these, in the
/// order of the file. What is no TOML, and values of other kinds, fail with errc::bad_argument and
/// the line.
[[nodiscard]] result<std::vector<file_item>> parse_config_file(std::string_view text);

/// The same, from a file or pipe of at most 1 MiB; its name starts every message.
[[nodiscard]] result<std::vector<file_item>> read_config_file(const std::filesystem::path& path);

}  // namespace factord

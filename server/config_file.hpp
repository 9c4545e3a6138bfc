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
  std::vector<std::string> values;  ///< one, or those of an array
  bool is_array = false;
  bool is_text = false;  ///< in quotes
  std::size_t line = 0;
};

/// Reads the part of TOML that a flat configuration needs: comments, bare keys, strings in either
/// kind of quotes, whole numbers, and arrays of these over any number of lines. Everything else,
/// and a key given twice, fails with errc::bad_argument and the line.
[[nodiscard]] result<std::vector<file_item>> parse_config_file(std::string_view text);

/// The same, from a file; `name` starts every message.
[[nodiscard]] result<std::vector<file_item>> read_config_file(const std::filesystem::path& path);

}  // namespace factord

#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

namespace factord::storage::testing {

/// Makes a file of no meaning.
inline void touch(const std::filesystem::path& file) { std::ofstream{file} << "something"; }

/// Path -> bytes of every file below.
inline std::map<std::string, std::string> contents_of(const std::filesystem::path& dir) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{dir}) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in{entry.path(), std::ios::binary};
    files[entry.path().string()] = {std::istreambuf_iterator<char>{in}, {}};
  }
  return files;
}

}  // namespace factord::storage::testing

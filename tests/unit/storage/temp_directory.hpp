#pragma once

#include <filesystem>

namespace factord::storage::testing {

/// A fresh directory under the system's temporary one, removed with all that is in it.
class temp_directory {
 public:
  temp_directory();
  ~temp_directory();
  temp_directory(const temp_directory&) = delete;
  temp_directory& operator=(const temp_directory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace factord::storage::testing

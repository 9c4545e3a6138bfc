#pragma once

#include <filesystem>
#include <utility>

#include "storage/base/error.hpp"

namespace factord::dev {

/// A directory of our own under $TMPDIR, which is removed with this, and all that is in it then.
class scratch_directory {
 public:
  /// errc::io_error where none can be made there.
  [[nodiscard]] static result<scratch_directory> make();
  ~scratch_directory();
  scratch_directory(scratch_directory&& other) noexcept;
  scratch_directory& operator=(scratch_directory&&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  explicit scratch_directory(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;  ///< empty: it was moved away
};

}  // namespace factord::dev

#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "storage/base/error.hpp"
#include "storage/base/file_descriptor.hpp"

namespace factord::ctl {

/// The text of a file of lines, which may be a pipe, without a byte order mark at its start.
[[nodiscard]] result<std::string> read_lines(const std::filesystem::path& from);

/// errc::bad_argument where two of these are one file, by whatever names: what is read would be
/// overwritten, or codes by failures. `codes` may be empty: there are none.
[[nodiscard]] result<void> check_apart(const std::filesystem::path& from,
                                       const std::filesystem::path& failures,
                                       const std::filesystem::path& codes);

/// A file that lines are appended to, made when there are some. One that is empty in the end is
/// removed.
class line_file {
 public:
  /// `option` names another one.
  line_file(std::filesystem::path path, std::string_view option)
      : path_(std::move(path)), option_(option) {}
  ~line_file();
  line_file(const line_file&) = delete;
  line_file& operator=(const line_file&) = delete;

  /// Opens it, and makes it where it is missing.
  [[nodiscard]] result<void> open();
  /// Opens it where it is there: that it cannot be written is known at once.
  [[nodiscard]] result<void> open_if_there();
  /// Of what is open, all that earlier runs left in it.
  [[nodiscard]] result<void> clear();
  [[nodiscard]] result<void> append(std::string_view lines);

 private:
  [[nodiscard]] error failure() const;

  std::filesystem::path path_;
  std::string_view option_;
  storage::file_descriptor file_;
};

}  // namespace factord::ctl

#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>

#include "storage/base/error.hpp"
#include "storage/base/file_descriptor.hpp"
#include "storage/base/file_identity.hpp"

namespace factord::storage {

/// What we make: nobody else looks into a store.
inline constexpr mode_t private_directory = 0700;

/// The directory that a path led to, held by a descriptor. The path may lead elsewhere a moment
/// later: it was renamed, a link in it was turned, something was mounted over it. So whatever is
/// made, renamed or removed in the directory goes through place(), and check_path() tells whether
/// the path is still the way to it. Any thread.
class held_directory {
 public:
  /// Holds what `path` leads to now. errc::io_error where that is no directory, or none to open, or
  /// where /proc is not mounted.
  [[nodiscard]] static result<std::shared_ptr<const held_directory>> open(
      const std::filesystem::path& path);
  ~held_directory();
  held_directory(const held_directory&) = delete;
  held_directory& operator=(const held_directory&) = delete;

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

  /// A path that leads to the directory for as long as this lives, wherever it is moved, whatever
  /// takes its place: /proc/self/fd/N. Not for people (with_paths).
  [[nodiscard]] std::filesystem::path place() const;

  /// What people call it: the path that it was opened by.
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  /// Locks it for as long as this lives, against every process, whatever path it comes by.
  /// errc::store_locked where another has it.
  [[nodiscard]] result<void> lock() const;

  /// errc::io_error, naming both, where it belongs to another user than this process is: files of
  /// two users in one store would leave either of them with one that is not to be read.
  [[nodiscard]] result<void> check_owner() const;

  /// errc::io_error, in words for the log, where path() leads to something else by now, or nowhere
  /// that we can reach. Says nothing where the kernel cannot tell for want of memory.
  [[nodiscard]] result<void> check_path() const;

 private:
  held_directory(file_descriptor fd, std::filesystem::path path, file_identity identity);

  const file_descriptor fd_;
  const std::filesystem::path path_;
  const file_identity identity_;
};

using shared_directory = std::shared_ptr<const held_directory>;

/// A text for people: places of held directories in it give way to their paths. For the messages of
/// what was done through them, RocksDB's too.
[[nodiscard]] std::string with_paths(std::string text);
[[nodiscard]] error with_paths(error failure);

/// The same, of the failure that this may be.
template <class T>
[[nodiscard]] result<T> with_paths(result<T> outcome) {
  if (!outcome) return with_paths(std::move(outcome).error());
  return outcome;
}

}  // namespace factord::storage

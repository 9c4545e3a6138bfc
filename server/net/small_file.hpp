#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>

#include "storage/base/error.hpp"

namespace factord::net {

/// The bytes of a file that somebody named on a command line, who may have named anything: at most
/// `bytes_max` are read, and of a pipe that is silent for `patience` no more is expected.
/// errc::bad_argument with the path and what is wrong, such as "Is a directory".
[[nodiscard]] result<std::string> read_small_file(const std::filesystem::path& path,
                                                  std::size_t bytes_max,
                                                  std::chrono::milliseconds patience);

/// The bytes of a file that holds a secret. errc::bad_argument as well where it is no plain file,
/// or others may read it: it has mode 0600 or less, of a file of root's that our group reads 0640.
/// In the directory that a service manager keeps credentials in ($CREDENTIALS_DIRECTORY) the
/// group's bits count for nothing: they are the mask of a list of its own.
[[nodiscard]] result<std::string> read_private_file(const std::filesystem::path& path,
                                                    std::size_t bytes_max);

}  // namespace factord::net

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

}  // namespace factord::net

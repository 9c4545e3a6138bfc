#pragma once

#include <cstddef>
#include <exception>
#include <string>

#include "storage/base/error.hpp"

namespace factord {

/// Whether so many bytes of memory are to be had now, by every limit that the system sets to this
/// process (RLIMIT_AS, RLIMIT_DATA, strict overcommit). errc::unavailable, naming them, where they
/// are not. For who is about to call what does not survive that it gets none.
[[nodiscard]] result<void> check_memory(std::size_t bytes);

/// The same in one word. Allocates nothing; a signal handler may call it.
[[nodiscard]] bool has_memory(std::size_t bytes) noexcept;

/// What ended a program, in words: what is thrown for want of memory or of a thread says of neither
/// that it is what was wanted.
[[nodiscard]] std::string cause_of(const std::exception& failure);

}  // namespace factord

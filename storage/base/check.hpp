#pragma once

namespace factord {

/// Reports a broken invariant on stderr (one JSON line, like every other log line) and aborts.
[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace factord

/// An invariant of ours that stays checked in release builds. Never for input from outside: bad
/// input is an answer, not a reason to die.
#define FACTORD_CHECK(condition)                               \
  do {                                                         \
    if (!(condition)) [[unlikely]]                             \
      ::factord::check_failed(#condition, __FILE__, __LINE__); \
  } while (false)

#pragma once

#include <exception>

namespace factord::net {

/// Ends a coroutine without which the server is better dead, such as its listeners and its way to
/// stop: an exception that leaves it ends the process.
inline void never_fails(std::exception_ptr escaped) {
  if (escaped) std::rethrow_exception(escaped);
}

}  // namespace factord::net

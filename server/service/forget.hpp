#pragma once

#include <cstddef>
#include <string>

namespace factord::service {

/// Empties a text of a call, which goes back to its pool and is counted there for what an accepted
/// one needs: memory stays up to what any id, username or token has, as most people have them.
inline void forget(std::string& text, std::size_t kept_capacity = 256) {
  if (text.capacity() > kept_capacity) {
    std::string().swap(text);
  } else {
    text.clear();
  }
}

}  // namespace factord::service

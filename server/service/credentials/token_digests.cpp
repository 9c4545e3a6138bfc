#include "server/service/credentials/token_digests.hpp"

#include <cstdint>
#include <cstring>

namespace factord::service {
namespace {

using word = std::uint64_t;

word word_at(const char* bytes) noexcept {
  word value = 0;
  std::memcpy(&value, bytes, sizeof(value));
  return value;
}

// Both of one length, which is a word's at least. Looks at all of them.
bool are_same(std::string_view a, std::string_view b) noexcept {
  const std::size_t last = a.size() - sizeof(word);
  word different = word_at(a.data() + last) ^ word_at(b.data() + last);
  for (std::size_t i = 0; i < last; i += sizeof(word))
    different |= word_at(a.data() + i) ^ word_at(b.data() + i);
  return different == 0;
}

// Of the end: there its signature is.
std::size_t place_of(std::string_view token) noexcept {
  constexpr word spread = 0x9E37'79B9'7F4A'7C15U;  // 2^64 by the golden ratio
  return (word_at(token.data() + token.size() - sizeof(word)) * spread >> 32U) %
         token_digests::places;
}

}  // namespace

storage::digest token_digests::of(std::string_view token) {
  if (token.size() < bytes_min || token.size() > bytes_max) return hasher_.of(token);
  place& at = kept_[place_of(token)];
  if (at.token.size() != token.size() || !are_same(at.token, token)) {
    const storage::digest is = hasher_.of(token);
    at.token = token;  // keeps its memory
    at.is = is;
  }
  return at.is;
}

}  // namespace factord::service

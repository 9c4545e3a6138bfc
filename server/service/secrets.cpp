#include "server/service/secrets.hpp"

#include <openssl/rand.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "storage/base/check.hpp"

namespace factord::service {
namespace {

// A number below `bound`, without the bias that a plain remainder has.
std::uint64_t draw_below(const random_source& random, std::uint64_t bound) {
  const std::uint64_t usable = UINT64_MAX - UINT64_MAX % bound;
  for (;;) {
    std::array<unsigned char, 8> bytes{};
    random(bytes);
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data(), bytes.size());
    if (value < usable) return value % bound;
  }
}

}  // namespace

void draw_secure_random(std::span<unsigned char> out) {
  FACTORD_CHECK(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1);
}

std::string draw_id(const random_source& random) {
  constexpr std::uint64_t smallest = 100'000'000'000'000'000;
  return std::to_string(smallest + draw_below(random, 9 * smallest));
}

std::string draw_verification_code(const random_source& random) {
  constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  static_assert(alphabet.size() == 32);
  std::array<unsigned char, 8> bytes{};
  random(bytes);
  std::string code;
  for (const unsigned char byte : bytes) code.push_back(alphabet[byte % alphabet.size()]);
  return code;
}

std::string draw_token(const random_source& random) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::array<unsigned char, 33> bytes{};  // the last one only fills up the last group of 24 bits
  random(std::span(bytes).first(32));
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const unsigned group = static_cast<unsigned>(bytes[i]) << 16U |
                           static_cast<unsigned>(bytes[i + 1]) << 8U | bytes[i + 2];
    for (const unsigned shift : {18U, 12U, 6U, 0U}) {
      text.push_back(alphabet[(group >> shift) & 63U]);
    }
  }
  text.resize(43);
  return text;
}

}  // namespace factord::service

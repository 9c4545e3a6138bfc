#include "storage/engine/store_id.hpp"

#include <openssl/rand.h>

#include <array>

#include "storage/base/check.hpp"
#include "storage/base/hex.hpp"

namespace factord::storage {

std::string draw_store_id() {
  std::array<unsigned char, 16> bytes;
  FACTORD_CHECK(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
  return hex_of(bytes);
}

}  // namespace factord::storage

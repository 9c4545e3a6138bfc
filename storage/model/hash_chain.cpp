// Must stand before any header of OpenSSL; see sha256::context for the reason.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "storage/model/hash_chain.hpp"

#include <openssl/sha.h>

#include "storage/base/check.hpp"
#include "storage/base/hex.hpp"

namespace factord::storage {

std::string_view as_bytes(const digest& value) noexcept {
  return {reinterpret_cast<const char*>(value.data()), value.size()};
}

std::string to_hex(const digest& value) { return hex_of(value); }

/// libcrypto's own SHA-256, not EVP: EVP allocates and frees a state for each hash, also where its
/// context is reused (counted at malloc on OpenSSL 3.0.19). Deprecated there, and no less kept.
struct sha256::context {
  void start() { FACTORD_CHECK(SHA256_Init(&state) == 1); }
  void add(std::string_view bytes) {
    FACTORD_CHECK(SHA256_Update(&state, bytes.data(), bytes.size()) == 1);
  }
  [[nodiscard]] digest finish() {
    digest value;
    FACTORD_CHECK(SHA256_Final(value.data(), &state) == 1);
    return value;
  }

  SHA256_CTX state{};
};

sha256::sha256() : context_(std::make_unique<context>()) {}
sha256::~sha256() = default;

digest sha256::of(std::string_view bytes) {
  context_->start();
  context_->add(bytes);
  return context_->finish();
}

digest sha256::link(const digest& previous, std::uint64_t sequence, std::string_view record) {
  // One update for the fixed part: an update has a cost of its own.
  std::array<char, sizeof(digest) + sizeof(sequence)> prefix;
  as_bytes(previous).copy(prefix.data(), sizeof(digest));
  for (std::size_t i = 0; i < sizeof(sequence); ++i) {
    prefix[sizeof(digest) + i] =
        static_cast<char>(static_cast<unsigned char>(sequence >> (56 - 8 * i)));
  }
  context_->start();
  context_->add({prefix.data(), prefix.size()});
  context_->add(record);
  return context_->finish();
}

}  // namespace factord::storage

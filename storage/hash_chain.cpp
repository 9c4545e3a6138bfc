#include "storage/hash_chain.hpp"

#include <openssl/evp.h>

#include "storage/base/check.hpp"

namespace factord::storage {

std::string_view as_bytes(const digest& value) noexcept {
  return {reinterpret_cast<const char*>(value.data()), value.size()};
}

std::string to_hex(const digest& value) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  hex.reserve(value.size() * 2);
  for (const unsigned char byte : value) {
    hex += digits[byte >> 4U];
    hex += digits[byte & 0x0FU];
  }
  return hex;
}

/// The algorithm is fetched once: OpenSSL 3 would otherwise look it up under a lock for each hash.
struct sha256::context {
  context() : algorithm(EVP_MD_fetch(nullptr, "SHA256", nullptr)), state(EVP_MD_CTX_new()) {
    FACTORD_CHECK(algorithm != nullptr && state != nullptr);
  }
  ~context() {
    EVP_MD_CTX_free(state);
    EVP_MD_free(algorithm);
  }
  context(const context&) = delete;
  context& operator=(const context&) = delete;

  void start() const { FACTORD_CHECK(EVP_DigestInit_ex2(state, algorithm, nullptr) == 1); }
  void add(std::string_view bytes) const {
    FACTORD_CHECK(EVP_DigestUpdate(state, bytes.data(), bytes.size()) == 1);
  }
  [[nodiscard]] digest finish() const {
    digest value;
    unsigned size = 0;
    FACTORD_CHECK(EVP_DigestFinal_ex(state, value.data(), &size) == 1 && size == value.size());
    return value;
  }

  EVP_MD* algorithm;
  EVP_MD_CTX* state;
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

#include "server/service/email_code.hpp"

#include <openssl/crypto.h>

namespace factord::service::email_code {
namespace {

// Events did not always say when their code ends; the time of such an event is all there is.
timestamp expiry_of(const storage::user_record& user) {
  if (user.email_code_expires_at() != 0) return from_micros(user.email_code_expires_at());
  return expiry(from_micros(user.email_code_created_at()));
}

}  // namespace

bool is_open(const storage::user_record& user, timestamp wall) {
  if (user.email_code_hash().empty() || user.email_code_failures() >= failures_max) return false;
  const auto left = expiry_of(user) - wall;
  return left > left.zero() && left <= lifetime + clock_tolerance;
}

bool matches(const storage::user_record& user, const storage::digest& sent) {
  return user.email_code_hash().size() == sent.size() &&
         CRYPTO_memcmp(user.email_code_hash().data(), sent.data(), sent.size()) == 0;
}

}  // namespace factord::service::email_code

#include "server/service/question.hpp"

#include "server/service/forget.hpp"

namespace factord::service {
namespace {

// Most JWTs are of one or two thousand bytes, and come with every call.
constexpr std::size_t authorization_kept = 2048;

}  // namespace

void brief_input::clear() {
  forget(user_id);
  forget(authorization, authorization_kept);
  has_authorization = false;
  forget(retry_key);
  dry_run = false;
  tags.clear();
}

void call_input::clear() {
  brief_input::clear();
  forget(org);
  forget(username);
  person.Clear();
  forget(email);
  email_verified = false;
  return_code = false;
  otp_email = false;
  forget(verification_code);
  wants_otp_email = true;
  after = 0;
  limit = 0;
  if (filter.narrows()) filter = {};
  wait = {};
  follow = false;
  forget(of_store);
  roles = {};
  lifetime.reset();
  forget(token_id);
  forget(directory);
  backup = 0;
}

void call_draws::clear() {
  email_code.clear();
  token.clear();
}

}  // namespace factord::service

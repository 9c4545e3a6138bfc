#include "server/service/retry.hpp"

#include <cstdint>
#include <string>
#include <string_view>

#include "server/service/failures.hpp"
#include "server/service/sight.hpp"
#include "storage/base/canary.hpp"

namespace factord::service {
namespace {

/// With its length before it, so that no two lists of parts are the same bytes. What is made of
/// them is stored: parts stay as they are, and one that comes to be is appended where it is set.
void append_part(std::string& bytes, std::string_view part) {
  for (unsigned shift = 0; shift < 64; shift += 8) {
    bytes += static_cast<char>(static_cast<unsigned char>(part.size() >> shift));
  }
  bytes += part;
}

std::string_view as_part(bool given) { return given ? "1" : "0"; }

void answer_again(const question& asked, const storage::retry_record& first, answer& out) {
  out.retry = retry_verdict::replayed;
  out.details.sequence = first.sequence();
  out.details.change_date = from_micros(first.created_at());
  out.details.resource_owner = first.resource_owner();
  if (traits(asked.op).makes_user) out.user_id = first.user_id();
}

}  // namespace

void hash_retry(const call_input& in, operation op, const caller& who, storage::sha256& hasher,
                retry_draw& out) {
  std::string bytes;
  append_part(bytes, who.user_id);
  append_part(bytes, in.retry_key);
  out.key = hasher.of(bytes);

  bytes.clear();
  append_part(bytes, traits(op).name);
  append_part(bytes, in.user_id);
  append_part(bytes, in.org);
  append_part(bytes, in.username);
  append_part(bytes, in.person.SerializeAsString());
  append_part(bytes, in.email);
  append_part(bytes, as_part(in.email_verified));
  append_part(bytes, as_part(in.return_code));
  append_part(bytes, in.verification_code);
  if (in.otp_email) append_part(bytes, "otpEmail");
  out.request = hasher.of(bytes);
}

void list_retry_keys(const question& asked, wanted_states keys) {
  if (asked.in.retry_key.empty()) return;
  keys.retry(asked.draws.retry.key);
  if (traits(asked.op).has_target) keys.user(asked.in.user_id);
}

bool answered_before(const question& asked, const decision& on, answer& out) {
  if (asked.in.retry_key.empty() || planted(canary::forget_key)) return false;
  const auto first = on.states.retry(asked.draws.retry.key, on.at.created_at);
  const sight seen = sight_of(asked, on.states);
  if (!first || seen == sight::refused) return false;
  const bool same = first->request() == storage::as_bytes(asked.draws.retry.request);
  // Who is hidden is as nobody is: of nobody there is no answer to repeat.
  if (same && seen == sight::hidden) return false;
  if (same || planted(canary::key_without_body)) {
    answer_again(asked, *first, out);
  } else {
    out.fail(key_reused);
    out.retry = retry_verdict::reused;
  }
  return true;
}

void keep_for_retry(const question& asked, const decision& on, storage::event_record& event) {
  if (asked.in.retry_key.empty()) return;
  const retry_draw& retry = asked.draws.retry;
  storage::event_private& hidden = *event.mutable_private_part();
  hidden.mutable_retry_key()->assign(storage::as_bytes(retry.key));
  hidden.mutable_retry_request()->assign(storage::as_bytes(retry.request));
  hidden.set_retry_ends_at(to_micros(on.at.created_at + retry.window));
  hidden.set_retries_ended(on.states.ended_retries(on.at.created_at));
}

}  // namespace factord::service

#include "server/service/preparation.hpp"

#include "server/service/retry.hpp"
#include "server/service/secrets.hpp"

namespace factord::service {
namespace {

constexpr failure organization_required{status_code::invalid_argument, "",
                                        "organization is required"};

// What ZITADEL gives a user of whom less was said.
void fill_in_names(call_input& in) {
  if (in.username.empty()) in.username = in.email;
  if (in.person.display_name().empty()) {
    in.person.set_display_name(in.person.given_name() + " " + in.person.family_name());
  }
}

}  // namespace

void preparation::add_human_user(call& pending, const continuation& then) {
  fill_in_names(pending.in);
  if (pending.in.user_id.empty()) {
    for (std::string& id : pending.draws.ids) id = draw_id(with_.random);
  }
  if (pending.in.return_code) draw_email_code(pending.draws);
  if (!pending.in.org.empty()) return then(pending);
  // The org of a user never changes, so it may be read before the decision.
  queries_.find_callers_org(pending, [then](call& found) {
    const bool good = found.out.code == status_code::ok;
    if (good && found.in.org.empty()) found.out.fail(organization_required);
    then(found);
  });
}

void preparation::draw_email_code(call_draws& draws) {
  draws.email_code = draw_verification_code(with_.random);
  draws.code_hash = hasher_.of(draws.email_code);
}

void preparation::resend_email_code(call& pending, const continuation& then) {
  draw_email_code(pending.draws);
  then(pending);
}

void preparation::verify_email(call& pending, const continuation& then) {
  pending.draws.code_hash = hasher_.of(pending.in.verification_code);
  then(pending);
}

void preparation::create_token(call& pending, const continuation& then) {
  for (std::string& id : pending.draws.ids) id = draw_id(with_.random);
  pending.draws.token = draw_token(with_.random);
  pending.draws.token_hash = hasher_.of(pending.draws.token);
  then(pending);
}

void preparation::retry(call& pending) {
  if (pending.in.retry_key.empty()) return;
  hash_retry(pending.in, pending.op, pending.who, hasher_, pending.draws.retry);
  pending.draws.retry.window = with_.retry_window;
}

void preparation::revoke_token(call& pending, const continuation& then) {
  queries_.find_token(pending, then);
}

}  // namespace factord::service

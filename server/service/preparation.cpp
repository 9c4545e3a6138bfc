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

void preparation::add_human_user(call& work, const continuation& then) {
  fill_in_names(work.in);
  if (work.in.user_id.empty()) {
    for (std::string& id : work.draws.ids) id = draw_id(with_.random);
  }
  if (work.in.return_code) draw_email_code(work.draws);
  if (!work.in.org.empty()) return then(work);
  // The org of a user never changes, so it may be read before the decision.
  queries_.find_callers_org(work, [then](call& found) {
    const bool good = found.out.code == status_code::ok;
    if (good && found.in.org.empty()) found.out.fail(organization_required);
    then(found);
  });
}

void preparation::draw_email_code(call_draws& draws) {
  draws.email_code = draw_verification_code(with_.random);
  draws.code_hash = hasher_.of(draws.email_code);
}

void preparation::resend_email_code(call& work, const continuation& then) {
  draw_email_code(work.draws);
  then(work);
}

void preparation::verify_email(call& work, const continuation& then) {
  work.draws.code_hash = hasher_.of(work.in.verification_code);
  then(work);
}

void preparation::create_token(call& work, const continuation& then) {
  for (std::string& id : work.draws.ids) id = draw_id(with_.random);
  work.draws.token = draw_token(with_.random);
  work.draws.token_hash = hasher_.of(work.draws.token);
  then(work);
}

void preparation::retry(call& work) {
  if (work.in.retry_key.empty()) return;
  hash_retry(work.in, work.op, work.who, hasher_, work.draws.retry);
  work.draws.retry.window = with_.retry_window;
}

void preparation::revoke_token(call& work, const continuation& then) {
  queries_.find_token(work, then);
}

}  // namespace factord::service

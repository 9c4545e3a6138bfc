#include "server/service/answer.hpp"

namespace factord::service {

void brief_answer::clear() {
  code = status_code::ok;
  error_id = {};
  message.clear();
  no_room = false;
  retry = retry_verdict::none;
  details.sequence = 0;
  details.change_date = {};
  details.resource_owner.clear();
  details.creation_date = {};
}

void answer::clear() {
  brief_answer::clear();
  not_modified = false;
  user_id.clear();
  email_code.clear();
  user.Clear();
  otp_email = false;
  head = {};
  page.reset();
  position = 0;
  more = false;
  store_id.clear();
  process = {};
  token_id.clear();
  token.clear();
  tokens.clear();
  next.clear();
  backup.reset();
}

const event_page& answer::log_page() const noexcept {
  static const event_page none;
  return page ? *page : none;
}

void answer::drop_lists() noexcept {
  page.reset();
  if (!tokens.empty()) decltype(tokens)().swap(tokens);
}

}  // namespace factord::service

#include "storage/model/evolve.hpp"

#include <string>
#include <string_view>

#include "storage/base/check.hpp"
#include "storage/model/event.hpp"
#include "storage/model/keys.hpp"
#include "storage/model/stored_record.hpp"
#include "storage/model/username_holders.hpp"

namespace factord::storage {

namespace {

/// Messages and buffers that keep their memory, so that evolving allocates nothing.
struct scratch {
  std::string key;
  std::string bytes;
  user_record user;
  factor_record factor;
  username_record name;
  token_record token;
};

scratch& memory() {
  thread_local scratch kept;
  return kept;
}

// Our messages hold no maps, so equal messages give equal bytes: what verify relies on.
void put(scratch& use, const google::protobuf::MessageLite& record, state_table& table) {
  FACTORD_CHECK(record.SerializeToString(&use.bytes));
  table.put(use.key, use.bytes);
}

/// Loads the record of the event's user into `use.user`, and its key into `use.key`.
bool load_user(scratch& use, const event_record& event, const state_table& table) {
  set_user_key(use.key, event.user_id());
  const auto bytes = table.get(use.key);
  if (!bytes) return false;
  parse_stored(*bytes, use.user);
  return true;
}

template <class Change>
void change_user(scratch& use, const event_record& event, state_table& table, Change change) {
  if (!load_user(use, event, table)) return;
  change(use.user);
  put(use, use.user, table);
}

void set_state(const event_record& event, user_record& user, user_state state) {
  user.set_state(state);
  user.set_state_within_org(event.private_part().within_org());
}

void set_state(scratch& use, const event_record& event, state_table& table, user_state state) {
  change_user(use, event, table,
              [&event, state](user_record& user) { set_state(event, user, state); });
}

/// Loads the record of a username into `use.name`, and its key into `use.key`.
void load_name(scratch& use, const state_table& table, std::string_view org,
               std::string_view username, store_format format) {
  set_username_key(use.key, org, username, format);
  use.name.Clear();
  const auto bytes = table.get(use.key);
  if (!bytes) return;
  parse_stored(*bytes, use.name);
}

void add_human(scratch& use, const event_record& event, state_table& table, store_format format) {
  user_record& user = use.user;
  user.Clear();
  user.set_resource_owner(event.resource_owner());
  set_state(event, user, USER_STATE_ACTIVE);
  user.set_username(event.payload().username());
  *user.mutable_person() = event.payload().person();
  user.set_email(event.payload().email());
  user.set_created_at(event.created_at());
  user.set_made_within_org(event.private_part().within_org());
  set_user_key(use.key, event.user_id());
  put(use, user, table);

  load_name(use, table, event.resource_owner(), event.payload().username(), format);
  add_holder(use.name, event.user_id());
  put(use, use.name, table);
}

void clear_code(user_record& user) {
  user.clear_email_code_hash();
  user.clear_email_code_created_at();
  user.clear_email_code_expires_at();
  user.clear_email_code_failures();
}

void add_email_code(scratch& use, const event_record& event, state_table& table) {
  change_user(use, event, table, [&event](user_record& user) {
    user.set_email_code_hash(event.private_part().email_code_hash());
    user.set_email_code_created_at(event.created_at());
    user.set_email_code_expires_at(event.private_part().email_code_expires_at());
    user.clear_email_code_failures();
  });
}

void verify_email(scratch& use, const event_record& event, state_table& table) {
  change_user(use, event, table, [](user_record& user) {
    user.set_email_verified(true);
    clear_code(user);
  });
}

void count_failure(scratch& use, const event_record& event, state_table& table) {
  change_user(use, event, table, [](user_record& user) {
    user.set_email_code_failures(user.email_code_failures() + 1);
  });
}

void add_factor(scratch& use, const event_record& event, state_table& table) {
  use.factor.set_resource_owner(event.resource_owner());
  set_factor_key(use.key, event.user_id(), factor_type::otp_email);
  put(use, use.factor, table);
}

void remove_factor(scratch& use, const event_record& event, state_table& table) {
  set_factor_key(use.key, event.user_id(), factor_type::otp_email);
  table.erase(use.key);
}

/// The row stays, so that the id is never given again; the name is free from now on.
void remove_user(scratch& use, const event_record& event, state_table& table, store_format format) {
  remove_factor(use, event, table);
  if (!load_user(use, event, table)) return;
  const bool again = use.user.state() == USER_STATE_DELETED;
  set_state(event, use.user, USER_STATE_DELETED);
  put(use, use.user, table);
  // A second removal must not free a name that is another user's by now.
  if (again) return;
  load_name(use, table, use.user.resource_owner(), use.user.username(), format);
  remove_holder(use.name, event.user_id());
  if (use.name.user_ids().empty()) return table.erase(use.key);
  put(use, use.name, table);
}

void add_token(scratch& use, const event_record& event, state_table& table, store_format format) {
  const event_payload& payload = event.payload();
  token_record& token = use.token;
  token.Clear();
  token.set_token_id(payload.token_id());
  token.set_subject(event.user_id());
  *token.mutable_roles() = payload.roles();
  token.set_org(payload.org());
  token.set_expires_at(payload.expires_at());
  token.set_created_at(event.created_at());
  set_token_key(use.key, event.private_part().token_hash());
  put(use, token, table);
  if (format == store_format::first) return;
  set_token_id_key(use.key, payload.token_id());
  table.put(use.key, event.private_part().token_hash());
}

void remove_token(scratch& use, const event_record& event, state_table& table,
                  store_format format) {
  set_token_key(use.key, event.private_part().token_hash());
  table.erase(use.key);
  if (format == store_format::first) return;
  set_token_id_key(use.key, event.payload().token_id());
  table.erase(use.key);
}

}  // namespace

void list_evolve_keys(const event_record& event, state_table& table, store_format format) {
  std::string& key = memory().key;
  const auto want_user = [&] {
    set_user_key(key, event.user_id());
    table.want(key);
  };
  const auto want_factor = [&] {
    set_factor_key(key, event.user_id(), factor_type::otp_email);
    table.want(key);
  };
  switch (static_cast<event_type>(event.type())) {
    case event_type::human_added:
      want_user();
      set_username_key(key, event.resource_owner(), event.payload().username(), format);
      table.want(key);
      break;
    case event_type::email_code_added:
    case event_type::email_verified:
    case event_type::email_verification_failed:
    case event_type::locked:
    case event_type::unlocked:
    case event_type::deactivated:
    case event_type::reactivated:
      want_user();
      break;
    case event_type::otp_email_added:
    case event_type::otp_email_removed:
      want_factor();
      break;
    case event_type::removed:
      want_user();
      want_factor();
      break;
    case event_type::token_added:
    case event_type::token_removed:
      set_token_key(key, event.private_part().token_hash());
      table.want(key);
      if (format == store_format::first) break;
      set_token_id_key(key, event.payload().token_id());
      table.want(key);
      break;
    case event_type::count_:
      break;
  }
}

void list_freed_keys(const event_record& event, state_table& table, store_format format) {
  if (static_cast<event_type>(event.type()) != event_type::removed) return;
  scratch& use = memory();
  if (!load_user(use, event, table)) return;
  set_username_key(use.key, use.user.resource_owner(), use.user.username(), format);
  table.want(use.key);
}

void evolve(const event_record& event, state_table& table, store_format format) {
  scratch& use = memory();
  switch (static_cast<event_type>(event.type())) {
    case event_type::human_added:
      return add_human(use, event, table, format);
    case event_type::email_code_added:
      return add_email_code(use, event, table);
    case event_type::email_verified:
      return verify_email(use, event, table);
    case event_type::email_verification_failed:
      return count_failure(use, event, table);
    case event_type::otp_email_added:
      return add_factor(use, event, table);
    case event_type::otp_email_removed:
      return remove_factor(use, event, table);
    case event_type::locked:
      return set_state(use, event, table, USER_STATE_LOCKED);
    case event_type::unlocked:
      return set_state(use, event, table, USER_STATE_ACTIVE);
    case event_type::deactivated:
      return set_state(use, event, table, USER_STATE_INACTIVE);
    case event_type::reactivated:
      return set_state(use, event, table, USER_STATE_ACTIVE);
    case event_type::removed:
      return remove_user(use, event, table, format);
    case event_type::token_added:
      return add_token(use, event, table, format);
    case event_type::token_removed:
      return remove_token(use, event, table, format);
    case event_type::count_:
      return;
  }
}

}  // namespace factord::storage

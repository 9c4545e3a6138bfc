#include "tests/unit/storage/commit/commands.hpp"

#include "storage/model/evolve.hpp"
#include "storage/model/keys.hpp"
#include "storage/model/retries.hpp"

namespace factord::storage::testing {

event_record event_of(event_type type, std::string_view user_id) {
  event_record event;
  event.set_type(static_cast<std::uint32_t>(type));
  event.set_user_id(std::string{user_id});
  event.set_resource_owner("org1");
  event.set_creator("admin");
  return event;
}

event_record human_added(std::string_view user_id, std::string_view username) {
  event_record event = event_of(event_type::human_added, user_id);
  event_payload& payload = *event.mutable_payload();
  payload.set_username(std::string{username});
  payload.mutable_person()->set_given_name("Ada");
  payload.mutable_person()->set_family_name("Byron");
  payload.set_email(std::string{user_id} + "@example.org");
  return event;
}

event_record human_added(std::string_view user_id) {
  return human_added(user_id, "name of " + std::string{user_id});
}

event_record token_event(event_type type, std::string_view user_id, std::string_view token_hash) {
  event_record event = event_of(type, user_id);
  event.mutable_payload()->set_token_id("token of " + std::string{user_id});
  event.mutable_payload()->add_roles("IAM_OWNER");
  event.mutable_private_part()->set_token_hash(std::string{token_hash});
  return event;
}

event_record with_retry(event_record event, char key, std::int64_t ends_at, std::uint32_t ended) {
  event_private& hidden = *event.mutable_private_part();
  hidden.set_retry_key(std::string(32, key));
  hidden.set_retry_request("request of " + std::string(1, key));
  hidden.set_retry_ends_at(ends_at);
  hidden.set_retries_ended(ended);
  return event;
}

void append_events::list_keys(state_table& table) const {
  for (const event_record& event : events_) {
    list_evolve_keys(event, table);
    list_retry(event, table);
  }
}

void append_events::list_more_keys(state_table& table, const log_head&) const {
  for (const event_record& event : events_) list_freed_keys(event, table);
  list_oldest_retries(table);
}

void append_events::decide(const state_table&, const decision_times& at, event_sink& events) {
  decided_at = at;
  sequences.clear();
  for (const event_record& event : events_) {
    events.blank() = event;
    sequences.push_back(events.append());
  }
}

void take_factor::list_keys(state_table& table) const {
  std::string key;
  set_factor_key(key, user_id_, factor_type::otp_email);
  table.want(key);
}

void take_factor::decide(const state_table& states, const decision_times&, event_sink& events) {
  std::string key;
  set_factor_key(key, user_id_, factor_type::otp_email);
  taken = states.get(key).has_value();
  if (!taken) return;
  events.blank() = event_of(event_type::otp_email_removed, user_id_);
  (void)events.append();
}

result<void> append_all(engine& store, std::vector<event_record> events, timestamp now) {
  result<void> outcome;
  commit_hooks hooks;
  hooks.failed = [&outcome](const error& failure) { outcome = failure; };
  hooks.unreadable = hooks.failed;
  hooks.refused = [&outcome](commit_status, const error& cause) { outcome = cause; };
  commit_queue queue{store, {}, hooks, 1};
  append_events pending{std::move(events)};
  if (queue.submit(pending) != submit_status::accepted) {
    return error{errc::bad_argument, "the queue did not take the events"};
  }
  queue.run_batch(now);
  return outcome;
}

std::vector<std::pair<std::string, std::string>> all_states(const log_source& store) {
  std::vector<std::pair<std::string, std::string>> all;
  std::string after;
  for (;;) {
    const auto page = read<std::vector<key_value>>(
        [&](auto done) { store.scan_states({}, after, 1000, std::move(done)); });
    if (page.empty()) return all;
    for (const key_value& state : page) {
      if (state.key.front() != 'm') all.emplace_back(state.key, state.value);
    }
    after = page.back().key;
  }
}

}  // namespace factord::storage::testing

#include "server/service/queries.hpp"

#include <array>
#include <optional>
#include <utility>

#include "server/service/credentials/subject.hpp"
#include "server/service/deadline.hpp"
#include "server/service/decision_tools.hpp"
#include "server/service/failures.hpp"
#include "server/service/shard_callback.hpp"
#include "storage/model/event_value.hpp"
#include "storage/model/keys.hpp"
#include "storage/model/retries.hpp"
#include "storage/model/stored_record.hpp"

namespace factord::service {
namespace {

constexpr failure user_not_found{status_code::not_found, "QUERY-Dfbg2", "User could not be found"};
constexpr failure backup_unknown{status_code::not_found, "",
                                 "no such backup: only the last one that was begun is known"};
constexpr failure nobody_waits{status_code::cancelled, "", "the connection is gone"};
constexpr failure no_reset{status_code::permission_denied, "",
                           "this store is not reset: that takes factord dev, or --allow-reset"};
constexpr failure no_backups{status_code::unimplemented, "", "no backups are made here"};

std::string user_key(std::string_view id) {
  std::string key;
  storage::set_user_key(key, id);
  return key;
}

/// The last event of a user, if there is one.
struct last_event {
  std::optional<storage::event_record> record;
  std::uint64_t sequence = 0;
};

result<last_event> parse_last(const result<storage::events_answer>& read) {
  if (!read) return read.error();
  if (read->events.empty()) return last_event{};
  const storage::stored_event& event = read->events.front();
  const auto value = storage::split_event_value(event.sequence, event.value);
  if (!value) return value.error();
  last_event last{storage::event_record{}, event.sequence};
  const auto parsed = storage::parse_event_record(event.sequence, value->record, *last.record);
  if (!parsed) return parsed.error();
  return last;
}

void fail_reset(answer& out, const error& cause) {
  if (cause.code == errc::bad_argument)
    return out.fail(status_code::unimplemented, {}, cause.message);
  if (cause.code == errc::unavailable) return out.fail(status_code::unavailable, {}, cause.message);
  out.fail(outcome_unknown);
}

}  // namespace

void queries::walk(call& pending, const continuation& then,
                   void (queries::*begin)(call& pending, const continuation& then)) {
  line_.join(pending, [this, &pending, then, begin](bool wanted) {
    if (!wanted) {
      pending.out.fail(nobody_waits);
      return then(pending);
    }
    const continuation end = [this, then](call& done) {
      line_.ended();
      then(done);
    };
    // It may have stood in the line for long.
    if (is_too_late(with_, pending)) return end(pending);
    (this->*begin)(pending, end);
  });
}

void queries::read(call& pending, std::span<const std::string> keys, const continuation& then,
                   show_function show) {
  with_.store.read_states(
      keys, on_shard<storage::states_answer>(
                with_, [this, &pending, then, show](const result<storage::states_answer>& read) {
                  if (read) {
                    pending.answer_epoch = read->head.token_epoch;
                    (this->*show)(pending, *read);
                  } else {
                    fail_unreadable(with_, pending, read.error());
                  }
                  then(pending);
                }));
}

// The last event is read before the record, so the record is at least as new as the sequence says.
void queries::get_user(call& pending, const continuation& then) {
  const auto done =
      on_shard<last_event>(with_, [this, &pending, then](const result<last_event>& last) {
        if (!last) {
          fail_unreadable(with_, pending, last.error());
          return then(pending);
        }
        if (last->record) {
          pending.out.details.sequence = last->sequence;
          pending.out.details.change_date = from_micros(last->record->created_at());
        }
        read(pending, std::array{user_key(pending.in.user_id)}, then, &queries::show_user);
      });
  with_.store.read_last_user_event(
      pending.in.user_id,
      [done](const result<storage::events_answer>& read) { done(parse_last(read)); });
}

void queries::show_user(call& pending, const storage::states_answer& read) const {
  const auto& bytes = read.records[0];
  if (bytes) storage::parse_stored(*bytes, pending.out.user);
  const storage::user_record& user = pending.out.user;
  if (!bytes || user.state() == storage::USER_STATE_DELETED)
    return pending.out.fail(user_not_found);
  if (!may(pending, user.resource_owner())) return pending.out.fail(no_permission);
  pending.out.not_modified = pending.in.tags.match(pending.out.details.sequence);
  pending.out.user_id = pending.in.user_id;
  pending.out.details.resource_owner = user.resource_owner();
  pending.out.details.creation_date = from_micros(user.created_at());
}

void queries::list_otp_email(call& pending, const continuation& then) {
  std::array<std::string, 3> keys{user_key(pending.in.user_id)};
  storage::set_factor_key(keys[1], pending.in.user_id, storage::factor_type::otp_email);
  storage::set_last_event_key(keys[2], pending.in.user_id);
  read(pending, keys, then, &queries::show_otp_email);
}

// An unknown user has no factors and no org that could refuse the caller.
void queries::show_otp_email(call& pending, const storage::states_answer& read) const {
  pending.out.head = read.head;
  bool visible = true;
  if (read.records[0]) {
    const auto user = storage::parse_stored<storage::user_record>(*read.records[0]);
    visible = may(pending, user.resource_owner());
    const bool live = user.state() != storage::USER_STATE_DELETED;
    if (live && !visible) return pending.out.fail(no_permission);
  }
  pending.out.otp_email = read.records[1].has_value() && pending.in.wants_otp_email;
  // That somebody was a user is for those to know who could see it.
  if (!visible || !read.records[2]) return;
  pending.out.details.sequence = storage::read_sequence(*read.records[2]);
  pending.out.not_modified = pending.in.tags.match(pending.out.details.sequence);
}

// What the credential says comes first.
void queries::find_callers_org(call& pending, const continuation& then) {
  pending.in.org = pending.who.only_org();
  if (!pending.in.org.empty() || pending.who.trusted) return then(pending);
  read(pending, std::array{user_key(pending.who.user_id)}, then, &queries::take_callers_org);
}

void queries::take_callers_org(call& pending, const storage::states_answer& read) const {
  if (!read.records[0]) return;
  const auto user = storage::parse_stored<storage::user_record>(*read.records[0]);
  if (is_meant(user, pending.who)) pending.in.org = user.resource_owner();
}

void queries::stats(call& pending, const continuation& then) {
  std::array<std::string, 1> keys;
  storage::set_retry_queue_key(keys[0]);
  read(pending, keys, then, &queries::show_stats);
}

void queries::show_stats(call& pending, const storage::states_answer& read) const {
  pending.out.head = read.head;
  pending.out.store_id = with_.store.store_id();
  pending.out.process = {&with_.tally, with_.store.mode(), with_.started_at,
                         storage::count_kept_retries(read.records[0])};
}

void queries::start_backup(call& pending, const continuation& then) {
  if (with_.backups == nullptr) {
    pending.out.fail(no_backups);
    return then(pending);
  }
  const auto begun = with_.backups->start(pending.in.directory);
  if (begun) {
    show_backup(*begun, pending.out);
  } else {
    const bool busy = begun.error().code == errc::already_exists;
    pending.out.fail(busy ? status_code::aborted : status_code::unavailable, {},
                     begun.error().message);
  }
  then(pending);
}

void queries::get_backup(call& pending, const continuation& then) {
  show_backup(pending.in.backup, pending.out);
  then(pending);
}

void queries::show_backup(std::uint64_t number, answer& out) const {
  if (with_.backups == nullptr) return out.fail(no_backups);
  out.backup = with_.backups->last();
  if (out.backup && out.backup->number == number) return;
  out.backup.reset();
  out.fail(backup_unknown);
}

void queries::reset_store(call& pending, const continuation& then) {
  if (!with_.reset_store) {
    pending.out.fail(no_reset);
    return then(pending);
  }
  with_.reset_store(on_shard<fresh_store>(with_, [&pending, then](const result<fresh_store>& made) {
    if (made) {
      pending.out.head = made->head;
      pending.out.store_id = made->id;
    } else {
      fail_reset(pending.out, made.error());
    }
    then(pending);
  }));
}

void queries::begin_bulk(call& pending, const continuation& then) {
  pending.out.more = true;
  then(pending);
}

}  // namespace factord::service

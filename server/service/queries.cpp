#include "server/service/queries.hpp"

#include <array>
#include <utility>
#include <vector>

#include "server/service/deadline.hpp"
#include "server/service/decision_tools.hpp"
#include "server/service/page_size.hpp"
#include "server/service/shard_callback.hpp"
#include "storage/model/event_value.hpp"
#include "storage/model/keys.hpp"
#include "storage/model/stored_record.hpp"

namespace factord::service {
namespace {

constexpr failure user_not_found{status_code::not_found, "QUERY-Dfbg2", "User could not be found"};
constexpr failure backup_unknown{status_code::not_found, "",
                                 "no such backup: only the last one that was begun is known"};
constexpr failure nobody_waits{status_code::cancelled, "", "the connection is gone"};
constexpr failure no_backups{status_code::unimplemented, "", "no backups are made here"};

std::string user_key(std::string_view id) {
  std::string key;
  storage::set_user_key(key, id);
  return key;
}

/// Events of the log, parsed.
struct event_page {
  std::vector<storage::event_record> events;
  std::vector<std::uint64_t> sequences;
  storage::log_head head;
  bool cut = false;  ///< there was no room for the next
};

// As many as a page has room for. Fails where the bytes of one do not hold together.
result<event_page> parse_events(const result<storage::events_answer>& read) {
  if (!read) return read.error();
  event_page page{{}, {}, read->head};
  page.events.reserve(read->events.size());
  page_room room;
  for (const storage::stored_event& event : read->events) {
    const auto value = storage::split_event_value(event.sequence, event.value);
    if (!value) return value.error();
    storage::event_record& record = page.events.emplace_back();
    const auto parsed = storage::parse_event_record(event.sequence, value->record, record);
    if (!parsed) return parsed.error();
    page.cut = !room.take(text_bytes(record));
    if (page.cut) {
      page.events.pop_back();
      break;
    }
    page.sequences.push_back(event.sequence);
  }
  return page;
}

// A callback for events that goes on on the shard. They are parsed where they are read, which for a
// page is not there.
storage::engine::callback<storage::events_answer> parsed_on_shard(
    const environment& with, std::function<void(result<event_page>)> then) {
  return [done = on_shard<event_page>(with, std::move(then))](
             const result<storage::events_answer>& read) { done(parse_events(read)); };
}

}  // namespace

void queries::walk(call& work, const continuation& then,
                   void (queries::*begin)(call& work, const continuation& then)) {
  line_.join(work, [this, &work, then, begin](bool wanted) {
    if (!wanted) {
      work.out.fail(nobody_waits);
      return then(work);
    }
    const continuation end = [this, then](call& done) {
      line_.ended();
      then(done);
    };
    // It may have stood in the line for long.
    if (is_too_late(with_, work)) return end(work);
    (this->*begin)(work, end);
  });
}

void queries::read(call& work, std::span<const std::string> keys, const continuation& then,
                   show_function show) {
  with_.store.read_states(
      keys, on_shard<storage::states_answer>(
                with_, [this, &work, then, show](const result<storage::states_answer>& read) {
                  if (read) {
                    work.answer_epoch = read->head.token_epoch;
                    (this->*show)(work, *read);
                  } else {
                    fail_unreadable(with_, work, read.error());
                  }
                  then(work);
                }));
}

// The last event is read before the record, so the record is at least as new as the sequence says.
void queries::get_user(call& work, const continuation& then) {
  with_.store.read_last_user_event(
      work.in.user_id, parsed_on_shard(with_, [this, &work, then](const result<event_page>& last) {
        if (!last) {
          fail_unreadable(with_, work, last.error());
          return then(work);
        }
        if (!last->events.empty()) {
          work.out.details.sequence = last->sequences.front();
          work.out.details.change_date = from_micros(last->events.front().created_at());
        }
        read(work, std::array{user_key(work.in.user_id)}, then, &queries::show_user);
      }));
}

void queries::show_user(call& work, const storage::states_answer& read) const {
  const auto& bytes = read.records[0];
  if (bytes) storage::parse_stored(*bytes, work.out.user);
  const storage::user_record& user = work.out.user;
  if (!bytes || user.state() == storage::USER_STATE_DELETED) return work.out.fail(user_not_found);
  if (!may(work, user.resource_owner())) return work.out.fail(no_permission);
  work.out.not_modified = work.in.tags.match(work.out.details.sequence);
  work.out.user_id = work.in.user_id;
  work.out.details.resource_owner = user.resource_owner();
  work.out.details.creation_date = from_micros(user.created_at());
}

void queries::list_otp_email(call& work, const continuation& then) {
  std::array<std::string, 3> keys{user_key(work.in.user_id)};
  storage::set_factor_key(keys[1], work.in.user_id, storage::factor_type::otp_email);
  storage::set_last_event_key(keys[2], work.in.user_id);
  read(work, keys, then, &queries::show_otp_email);
}

// An unknown user has no factors and no org that could refuse the caller.
void queries::show_otp_email(call& work, const storage::states_answer& read) const {
  work.out.head = read.head;
  bool visible = true;
  if (read.records[0]) {
    const auto user = storage::parse_stored<storage::user_record>(*read.records[0]);
    visible = may(work, user.resource_owner());
    const bool live = user.state() != storage::USER_STATE_DELETED;
    if (live && !visible) return work.out.fail(no_permission);
  }
  work.out.otp_email = read.records[1].has_value() && work.in.wants_otp_email;
  // That somebody was a user is for those to know who could see it.
  if (!visible || !read.records[2]) return;
  work.out.details.sequence = storage::read_sequence(*read.records[2]);
  work.out.not_modified = work.in.tags.match(work.out.details.sequence);
}

void queries::list_events(call& work, const continuation& then) {
  walk(work, then, &queries::walk_events);
}

void queries::walk_events(call& work, const continuation& then) {
  auto done = parsed_on_shard(with_, [this, &work, then](result<event_page> page) {
    if (!page) {
      fail_unreadable(with_, work, page.error());
      return then(work);
    }
    if (page->cut) work.out.next = std::to_string(page->sequences.back());
    work.out.events = std::move(page->events);
    work.out.sequences = std::move(page->sequences);
    work.out.head = page->head;
    work.answer_epoch = page->head.token_epoch;
    work.out.store_id = with_.store.store_id();
    then(work);
  });
  if (work.in.user_id.empty()) {
    with_.store.read_events(work.in.after, work.in.limit, std::move(done));
  } else {
    with_.store.read_user_events(work.in.user_id, work.in.after, work.in.limit, std::move(done));
  }
}

void queries::find_callers_org(call& work, const continuation& then) {
  read(work, std::array{user_key(work.who.user_id)}, then, &queries::take_callers_org);
}

void queries::take_callers_org(call& work, const storage::states_answer& read) const {
  const auto& bytes = read.records[0];
  work.in.org = bytes ? storage::parse_stored<storage::user_record>(*bytes).resource_owner()
                      : std::string{work.who.only_org()};
}

void queries::stats(call& work, const continuation& then) {
  read(work, {}, then, &queries::show_stats);
}

void queries::show_stats(call& work, const storage::states_answer& read) const {
  work.out.head = read.head;
  work.out.store_id = with_.store.store_id();
  work.out.process = {&with_.tally, with_.store.mode(), with_.started_at};
}

void queries::start_backup(call& work, const continuation& then) {
  if (with_.backups == nullptr) {
    work.out.fail(no_backups);
    return then(work);
  }
  const auto begun = with_.backups->start(work.in.directory);
  if (begun) {
    show_backup(*begun, work.out);
  } else {
    const bool busy = begun.error().code == errc::already_exists;
    work.out.fail(busy ? status_code::aborted : status_code::unavailable, {},
                  begun.error().message);
  }
  then(work);
}

void queries::get_backup(call& work, const continuation& then) {
  show_backup(work.in.backup, work.out);
  then(work);
}

void queries::show_backup(std::uint64_t number, answer& out) const {
  if (with_.backups == nullptr) return out.fail(no_backups);
  out.backup = with_.backups->last();
  if (out.backup && out.backup->number == number) return;
  out.backup.reset();
  out.fail(backup_unknown);
}

}  // namespace factord::service

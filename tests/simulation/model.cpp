#include "tests/simulation/model.hpp"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <charconv>
#include <chrono>
#include <limits>

#include "storage/base/check.hpp"
#include "storage/model/event_value.hpp"

namespace factord::simulation {
namespace {

namespace json = boost::json;
using storage::event_type;

// Now and then, with an unknown outcome.
bool writes_fail(const run_options& run) { return run.write_errors > 0 || run.database; }

// Within the run.
bool keys_end(const run_options& run) { return run.bounds.retry_window < std::chrono::hours(24); }

json::value parse(const std::string& body) {
  json::error_code failed;
  json::value value = json::parse(body, failed);
  return failed || !value.is_object() ? json::value(json::object()) : value;
}

// A member by its path, e.g. "details.sequence"; empty where there is none.
std::string text(const json::value& from, std::string_view path) {
  const json::value* at = &from;
  while (!path.empty()) {
    const std::string_view name = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(path.size(), name.size() + 1));
    const json::object* fields = at->if_object();
    at = fields == nullptr ? nullptr : fields->if_contains({name.data(), name.size()});
    if (at == nullptr) return {};
  }
  const json::string* found = at->if_string();
  return found == nullptr ? std::string() : std::string(found->data(), found->size());
}

std::uint64_t number(const json::value& from, std::string_view path) {
  const std::string digits = text(from, path);
  std::uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

}  // namespace

void model::see_log() {
  store_.read_events(past_.last(), SIZE_MAX, [this](result<storage::events_answer> read) {
    for (const storage::stored_event& event : read->events) {
      if (event.sequence != past_.last() + 1) {
        throw violation{"event " + std::to_string(event.sequence) + " follows " +
                        std::to_string(past_.last())};
      }
      const auto value = storage::split_event_value(event.sequence, event.value);
      storage::event_record record;
      FACTORD_CHECK(value);
      FACTORD_CHECK(storage::parse_event_record(event.sequence, value->record, record));
      // Not than one that a power cut took: that time is nobody's any more.
      if (past_.last() > 0 && record.created_at() < past_.at(past_.last()).created_at()) {
        throw violation{"the log's clock went back"};
      }
      const std::string& key = record.private_part().retry_key();
      if (const std::uint64_t first = past_.keyed(key, past_.last(), record.created_at());
          first != 0) {
        throw violation{"event " + std::to_string(event.sequence) + " has the key of event " +
                        std::to_string(first)};
      }
      past_.append(record);
      owners_.push_back(owner::none);
    }
    if (read->head.sequence != past_.last()) throw violation{"the head is not the last event"};
  });
}

void model::sent(request_seen& asked) {
  asked.id = next_id_++;
  asked.first_position = past_.last();
  asked.settled = settled_;
  asked.losses = lost_.size();
  open_.emplace(asked.id, asked);
}

void model::given_up(std::uint64_t id) {
  const auto node = open_.extract(id);
  FACTORD_CHECK(!node.empty());
  if (writes(node.mapped())) unknown_.emplace(id, node.mapped());
}

void model::not_begun(std::uint64_t id) { FACTORD_CHECK(open_.erase(id) == 1); }

void model::fail(const request_seen& asked, const answer_seen& answer, std::string_view why) const {
  throw violation{to_text(asked) + " was answered " + std::to_string(answer.status) + " " +
                  answer.body + " at " + std::to_string(past_.last()) + ": " + std::string(why)};
}

bool model::authenticates(const request_seen& asked, std::uint64_t position,
                          const token_then*& caller) const {
  caller = nullptr;
  if (asked.token.empty()) return true;
  caller = past_.token(token_ids_.at(asked.token), position);
  if (caller == nullptr) return false;
  const user_then& subject = past_.user(caller->subject, position);
  return subject.state.empty() || subject.state == "USER_STATE_ACTIVE";
}

std::uint64_t model::answered(std::uint64_t id, const answer_seen& answer, std::uint64_t floor) {
  const auto node = open_.extract(id);
  FACTORD_CHECK(!node.empty());
  const request_seen& asked = node.mapped();
  ++checked_;
  try {
    return judge(asked, answer, std::min(floor, past_.last()));
  } catch (const violation&) {
    for (std::size_t i = asked.losses; i < lost_.size(); ++i) {
      if (was_right(asked, answer, floor, lost_[i])) return floor;
    }
    throw;
  }
}

/// Whether it is of a log that has been lost since the request was sent.
bool model::was_right(const request_seen& asked, const answer_seen& answer, std::uint64_t floor,
                      lost_log& in) {
  const bool done = answer.status == 200 || answer.status == 201;
  if (writes(asked) && done && !in.answered) return false;
  bool right = true;
  std::swap(past_, in.past);
  std::swap(owners_, in.owners);
  try {
    judge(asked, answer, std::min(floor, past_.last()));
  } catch (const violation&) {
    right = false;
  }
  std::swap(past_, in.past);
  std::swap(owners_, in.owners);
  return right;
}

std::uint64_t model::judge(const request_seen& asked, const answer_seen& answer,
                           std::uint64_t floor) {
  // A pipelined write is authenticated at once, also one that only asks what would be; a read when
  // the writes before it are done.
  const bool write = writes(asked.what);
  const std::uint64_t settled = write ? asked.settled : std::max(asked.settled, floor);
  const std::uint64_t first = std::max(asked.first_position, floor);
  const window in{settled, first, past_.last()};
  const token_then* caller = nullptr;
  switch (answer.status) {
    case 200:
    case 201:
      if (answer.replayed) return std::max(floor, check_replayed(asked, answer, in));
      if (writes(asked)) return std::max(floor, check_write(asked, answer, in));
      break;
    case 401:
      for (std::uint64_t at = in.settled; at <= in.last; ++at) {
        if (!authenticates(asked, at, caller)) return floor;
      }
      fail(asked, answer, "its token was good all the time");
    case 408:
      if (!asked.stalled) fail(asked, answer, "it was sent at once");
      return floor;
    case 500:
      if (!writes_fail(run_) || !writes(asked.what)) fail(asked, answer, "no write has failed");
      if (writes(asked)) unknown_.emplace(asked.id, asked);
      return floor;
    case 503:
      return floor;  // refused, so nothing may be found of it
    case 504:
      if (!asked.deadline_ms) fail(asked, answer, "it had no deadline");
      return floor;
    default:
      break;
  }
  if (asked.what == ask::live) {
    if (answer.status != 200 || answer.body != "ok") fail(asked, answer, "the process lives");
    return floor;
  }
  if (asked.what == ask::bulk) fail(asked, answer, "a bulk is refused for its token alone");
  if (!refused_unasked(asked, answer)) check_decided(asked, answer, in);
  return floor;
}

/// What a token may nowhere is refused without asking the store. So what was revoked through
/// another server may still be known then: it is refused all the same, in other words.
bool model::refused_unasked(const request_seen& asked, const answer_seen& answer) const {
  if (run_.servers == 1 || answer.status != 403 || asked.token.empty()) return false;
  const std::string& id = token_ids_.at(asked.token);
  const token_then* caller = past_.token_ever(id);
  // Also where the log has lost it, and the server does not know that yet.
  for (const lost_log& lost : lost_) caller = caller == nullptr ? lost.past.token_ever(id) : caller;
  return caller != nullptr && may_nowhere(asked, *caller);
}

/// Reads and refusals: authenticated at one position, decided at that or a later one.
void model::check_decided(const request_seen& asked, const answer_seen& answer, window in) const {
  const token_then* caller = nullptr;
  std::uint64_t at = in.settled;
  while (at <= in.last && !authenticates(asked, at, caller)) ++at;
  if (at > in.last) fail(asked, answer, "its token was bad all the time");
  at = std::max(at, in.first);

  const json::value body = parse(answer.body);
  for (; at <= in.last; ++at) {
    verdict wanted = decide(past_, at, asked, caller, past_.time_at(at));
    // Of a refusal nobody knows the time: it may be later than that of the event before it.
    if (wanted.status != answer.status && keys_end(run_))
      wanted = decide(past_, at, asked, caller, std::numeric_limits<std::int64_t>::max());
    if (wanted.status != answer.status || wanted.replays != 0) continue;
    const std::string id = "(" + std::string(wanted.error_id) + ")";
    if (!wanted.error_id.empty() && answer.body.find(id) == std::string::npos) continue;
    const std::uint64_t tag = asked.what == ask::get_user ? number(body, "details.sequence")
                                                          : tag_of(past_, at, asked, caller);
    if (answer.status != 200 || asked.dry_run) return;
    if (answer.tag == tag && reads_right(asked, body, at)) return;
  }
  fail(asked, answer, "that was right at no position since " + std::to_string(in.first));
}

bool model::reads_right(const request_seen& asked, const json::value& body,
                        std::uint64_t position) const {
  const user_then& user = past_.user(asked.target, position);
  if (asked.what == ask::list_methods) {
    const bool listed = body.get_object().contains("authMethodTypes");
    const std::uint64_t told = number(body, "details.processedSequence");
    return listed == user.factor && told == position;
  }
  if (asked.what == ask::get_user) {
    const std::uint64_t told = number(body, "details.sequence");
    return text(body, "user.state") == user.state && text(body, "user.username") == user.username &&
           told <= position && told == past_.last_of(asked.target, told) &&
           told >= past_.last_of(asked.target, asked.first_position);
  }
  FACTORD_CHECK(asked.what == ask::list_events);
  if (number(body, "lastSequence") != position) return false;
  const json::array& events = body.at("events").as_array();
  const std::uint64_t left = position > asked.after ? position - asked.after : 0;
  if (events.size() != std::min<std::uint64_t>(left, asked.limit)) return false;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const std::uint64_t sequence = asked.after + 1 + i;
    const storage::event_record& event = past_.at(sequence);
    const bool same = number(events[i], "sequence") == sequence &&
                      text(events[i], "type") == name(static_cast<event_type>(event.type())) &&
                      text(events[i], "aggregateId") == event.user_id() &&
                      text(events[i], "creator") == event.creator();
    if (!same) return false;
  }
  return true;
}

std::string model::creator(const request_seen& asked) const {
  if (asked.token.empty()) return "SYSTEM";
  // Whose it is never changes; of a log that was lost since, the request may be younger than it.
  const token_then* caller = past_.token_ever(token_ids_.at(asked.token));
  return caller == nullptr ? std::string() : caller->subject;
}

/// Whether this event can be what the request did.
bool model::made(const request_seen& asked, std::uint64_t sequence) const {
  return sequence > asked.first_position && is_event_of(past_, sequence, asked) &&
         past_.at(sequence).creator() == creator(asked);
}

void model::claim(const request_seen& asked, std::uint64_t sequence, owner whose) {
  // A user that is added with a verified email is two events.
  const std::uint64_t last =
      asked.what == ask::add_user && asked.verified ? sequence + 1 : sequence;
  for (; sequence <= last; ++sequence) {
    owner& mine = owners_.at(sequence - 1);
    if (mine != owner::none) {
      throw violation{to_text(asked) + ": event " + std::to_string(sequence) + " is another's"};
    }
    mine = whose;
  }
}

/// A write that was done: right where its event stands.
std::uint64_t model::check_write(const request_seen& asked, const answer_seen& answer, window in) {
  const json::value body = parse(answer.body);
  const std::uint64_t told = number(body, "details.sequence");
  const std::uint64_t sequence = asked.what == ask::add_user && asked.verified ? told - 1 : told;
  if (told == 0 || sequence <= in.first || told > in.last) {
    fail(asked, answer, "its sequence is not between " + std::to_string(in.first) + " and then");
  }
  if (!made(asked, sequence)) fail(asked, answer, "that event is not its");
  if (answer.tag != (asked.token.empty() ? 0 : told)) fail(asked, answer, "its tag is another's");
  const std::uint64_t before = sequence - 1;
  const token_then* caller = nullptr;
  std::uint64_t at = in.settled;
  while (at <= before && !authenticates(asked, at, caller)) ++at;
  if (at > before) fail(asked, answer, "its token was bad all the time");
  const verdict wanted = decide(past_, before, asked, caller, past_.time_at(sequence));
  if (wanted.status != answer.status || wanted.replays != 0) {
    fail(asked, answer, "it had to be refused at " + std::to_string(before));
  }
  claim(asked, sequence, owner::answered);
  if (asked.what == ask::create_token) learn_token({text(body, "token"), text(body, "tokenId")});
  return told;
}

/// Of a repeated request: the first one's event, which is as good as answered from now on.
std::uint64_t model::check_replayed(const request_seen& asked, const answer_seen& answer,
                                    window in) {
  const std::uint64_t told = number(parse(answer.body), "details.sequence");
  if (answer.tag != told) fail(asked, answer, "its tag is another's");
  const token_then* caller = nullptr;
  std::uint64_t at = in.settled;
  while (at <= in.last && !authenticates(asked, at, caller)) ++at;
  if (at > in.last) fail(asked, answer, "its token was bad all the time");
  for (at = std::max(at, in.first); at <= in.last; ++at) {
    const verdict wanted = decide(past_, at, asked, caller, past_.time_at(at));
    if (wanted.status != answer.status || wanted.replays == 0 || wanted.replays != told) continue;
    replayed_.insert(told);
    return told;
  }
  fail(asked, answer, "its key was no other request's");
}

void model::check_kept(std::uint64_t last) const {
  for (std::uint64_t sequence = last + 1; sequence <= past_.last(); ++sequence) {
    if (owners_[sequence - 1] != owner::answered && !replayed_.contains(sequence)) continue;
    throw violation{"event " + std::to_string(sequence) + " was answered, and is lost"};
  }
}

void model::lost_tail(std::uint64_t last, bool answered) {
  if (last >= past_.last()) return see_log();
  if (!answered) check_kept(last);
  replayed_.erase(replayed_.upper_bound(last), replayed_.end());
  lost_.push_back({past_, owners_, answered});
  past_.cut(last);
  owners_.resize(last);
  settled_ = std::min(settled_, last);
  for (auto* const some : {&open_, &unknown_}) {
    for (auto& [id, asked] : *some) {
      asked.first_position = std::min(asked.first_position, last);
      asked.settled = std::min(asked.settled, last);
    }
  }
}

void model::recovered(std::uint64_t last, bool may_lose) {
  if (last < past_.last()) {
    if (!may_lose) check_kept(last);
    replayed_.erase(replayed_.upper_bound(last), replayed_.end());
    past_.cut(last);
    settled_ = last;
    owners_.resize(last);
  }
  see_log();
  settle();
  check_owners();
}

void model::check_owners() {
  for (std::uint64_t sequence = 1; sequence <= past_.last(); ++sequence) {
    if (owners_[sequence - 1] != owner::none) continue;
    const auto found = std::find_if(unknown_.begin(), unknown_.end(),
                                    [&](const auto& one) { return made(one.second, sequence); });
    if (found == unknown_.end()) {
      throw violation{"event " + std::to_string(sequence) + " is nobody's, type " +
                      std::to_string(past_.at(sequence).type())};
    }
    claim(found->second, sequence, owner::unanswered);
    unknown_.erase(found);
  }
  // The process that knew of the others is gone.
  unknown_.clear();
}

}  // namespace factord::simulation

#include "tests/simulation/history.hpp"

#include <algorithm>

#include "storage/base/check.hpp"

namespace factord::simulation {

using storage::event_type;

void history::append(const storage::event_record& event) {
  events_.push_back(event);
  const std::uint64_t sequence = events_.size();
  const std::string& key = event.private_part().retry_key();
  if (!key.empty()) keys_[key].push_back(sequence);
  switch (static_cast<event_type>(event.type())) {
    case event_type::token_added: {
      FACTORD_CHECK(event.payload().roles_size() == 1);  // the simulation asks for one
      token_then made;
      made.added = sequence;
      made.subject = event.user_id();
      made.role = event.payload().roles(0);
      made.org = event.payload().org();
      tokens_[event.payload().token_id()] = made;
      break;
    }
    case event_type::token_removed:
      tokens_.at(event.payload().token_id()).removed = sequence;
      break;
    default:
      change_user(event, sequence);
  }
}

void history::change_user(const storage::event_record& event, std::uint64_t sequence) {
  user_then next = user(event.user_id(), sequence);
  next.since = sequence;
  switch (static_cast<event_type>(event.type())) {
    case event_type::human_added:
      next.org = event.resource_owner();
      next.username = event.payload().username();
      next.state = "USER_STATE_ACTIVE";
      take_name(next, true, sequence);
      break;
    case event_type::email_verified:
      next.verified = true;
      break;
    case event_type::otp_email_added:
      next.factor = true;
      break;
    case event_type::otp_email_removed:
      next.factor = false;
      break;
    case event_type::locked:
      next.state = "USER_STATE_LOCKED";
      break;
    case event_type::deactivated:
      next.state = "USER_STATE_INACTIVE";
      break;
    case event_type::unlocked:
    case event_type::reactivated:
      next.state = "USER_STATE_ACTIVE";
      break;
    case event_type::removed:
      next.state = "USER_STATE_DELETED";
      next.factor = false;
      take_name(next, false, sequence);
      break;
    default:
      FACTORD_CHECK(false && "an event that no client of the simulation asks for");
  }
  users_[event.user_id()].push_back(std::move(next));
}

void history::take_name(const user_then& owner, bool taken, std::uint64_t sequence) {
  names_[{owner.org, owner.username}].emplace_back(sequence, taken);
}

void history::cut(std::uint64_t last) {
  FACTORD_CHECK(last <= events_.size());
  events_.resize(last);
  for (auto& [id, versions] : users_) {
    std::erase_if(versions, [last](const user_then& one) { return one.since > last; });
  }
  for (auto& [name, versions] : names_) {
    std::erase_if(versions, [last](const auto& one) { return one.first > last; });
  }
  for (auto& [key, sequences] : keys_) {
    std::erase_if(sequences, [last](std::uint64_t one) { return one > last; });
  }
  std::erase_if(tokens_, [last](const auto& one) { return one.second.added > last; });
  for (auto& [id, one] : tokens_) {
    if (one.removed > last) one.removed = std::numeric_limits<std::uint64_t>::max();
  }
}

const user_then& history::user(std::string_view id, std::uint64_t position) const {
  static const user_then nobody;
  const auto found = users_.find(id);
  if (found == users_.end()) return nobody;
  const auto& versions = found->second;
  const auto later = std::upper_bound(
      versions.begin(), versions.end(), position,
      [](std::uint64_t wanted, const user_then& one) { return wanted < one.since; });
  return later == versions.begin() ? nobody : *std::prev(later);
}

bool history::name_taken(const std::string& org, const std::string& name,
                         std::uint64_t position) const {
  const auto found = names_.find({org, name});
  if (found == names_.end()) return false;
  bool taken = false;
  for (const auto& [since, how] : found->second) taken = since <= position ? how : taken;
  return taken;
}

const token_then* history::token(const std::string& id, std::uint64_t position) const {
  const token_then* const one = token_ever(id);
  return one != nullptr && one->added <= position && position < one->removed ? one : nullptr;
}

const token_then* history::token_ever(const std::string& id) const {
  const auto found = tokens_.find(id);
  return found == tokens_.end() ? nullptr : &found->second;
}

std::uint64_t history::keyed(const std::string& key, std::uint64_t position,
                             std::int64_t time) const {
  const auto found = keys_.find(key);
  if (found == keys_.end()) return 0;
  std::uint64_t last = 0;
  for (const std::uint64_t sequence : found->second) last = sequence <= position ? sequence : last;
  return last != 0 && at(last).private_part().retry_ends_at() > time ? last : 0;
}

std::uint64_t history::last_of(std::string_view id, std::uint64_t position) const {
  // An index by user: tokens are events of their subject, too.
  for (std::uint64_t sequence = position; sequence > 0; --sequence) {
    if (events_[sequence - 1].user_id() == id) return sequence;
  }
  return 0;
}

}  // namespace factord::simulation

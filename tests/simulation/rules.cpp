#include "tests/simulation/rules.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "storage/model/hash_chain.hpp"

namespace factord::simulation {
namespace {

using storage::event_type;

constexpr std::array event_of{event_type::otp_email_removed,
                              event_type::otp_email_added,
                              event_type{},
                              event_type::human_added,
                              event_type::locked,
                              event_type::unlocked,
                              event_type::deactivated,
                              event_type::reactivated,
                              event_type::removed,
                              event_type{},
                              event_type{},
                              event_type{},
                              event_type{},
                              event_type::token_added,
                              event_type::token_removed};

constexpr verdict denied{403, "AUTH-AWfge"};
constexpr verdict done{200, ""};

enum class right : std::uint8_t { write, credential_write, remove, read, events };

bool one_of(std::string_view role, std::initializer_list<std::string_view> roles) {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

bool grants(std::string_view role, right needed) {
  const bool writes = one_of(role, {"IAM_OWNER", "IAM_ORG_MANAGER", "IAM_USER_MANAGER",
                                    "IAM_LOGIN_CLIENT", "ORG_OWNER", "ORG_USER_MANAGER"});
  switch (needed) {
    case right::write:
      return writes;
    case right::credential_write:
      return one_of(role, {"IAM_OWNER", "IAM_ORG_MANAGER", "IAM_LOGIN_CLIENT", "ORG_OWNER"});
    case right::remove:
      return writes && role != "IAM_LOGIN_CLIENT";
    case right::read:
      return writes || one_of(role, {"IAM_OWNER_VIEWER", "ORG_OWNER_VIEWER"});
    case right::events:
      return one_of(role, {"IAM_OWNER", "IAM_OWNER_VIEWER"});
  }
  return false;
}

/// Somebody who asks about a user.
struct standing {
  const token_then* caller;
  right needed;
  bool is_self;

  [[nodiscard]] bool may_nowhere() const { return !is_self && !grants(caller->role, needed); }
  [[nodiscard]] bool may(std::string_view org) const {
    if (is_self) return true;
    return grants(caller->role, needed) && (caller->org.empty() || caller->org == org);
  }
};

verdict remove_otp(const user_then& user, const standing& who) {
  const bool visible = !user.live() || who.may(user.org);
  if (!visible) return denied;
  return user.factor ? done : verdict{404, "COMMAND-b312D"};
}

verdict add_otp(const user_then& user, const standing& who) {
  if (!user.live()) return {400, "COMMAND-KLJ2d"};
  if (!who.may(user.org)) return denied;
  if (user.factor) return {409, "COMMAND-MKL2s"};
  return user.verified ? done : verdict{400, "COMMAND-KLJ2d"};
}

struct step {
  ask what;
  std::string_view not_found;
  std::string_view wrong_state;
  bool (*allowed)(std::string_view state);
};

constexpr step steps[] = {
    {ask::lock, "COMMAND-450yxuqrh1", "COMMAND-lgws8wtsqf",
     [](std::string_view state) { return state == "USER_STATE_ACTIVE"; }},
    {ask::unlock, "COMMAND-x377t913pw", "COMMAND-olb9vb0oca",
     [](std::string_view state) { return state == "USER_STATE_LOCKED"; }},
    {ask::deactivate, "COMMAND-5gp2p62iin", "COMMAND-5gunjw0cd7",
     [](std::string_view state) { return state != "USER_STATE_INACTIVE"; }},
    {ask::reactivate, "COMMAND-9hy5kzbuk6", "COMMAND-s5qqcz97hf",
     [](std::string_view state) { return state == "USER_STATE_INACTIVE"; }},
    {ask::delete_user, "COMMAND-bd4ir1mblj", "", [](std::string_view) { return true; }},
};

verdict take_step(ask what, const user_then& user, const standing& who) {
  const auto& rule = *std::find_if(std::begin(steps), std::end(steps),
                                   [what](const step& one) { return one.what == what; });
  if (!user.live()) return {404, rule.not_found};
  if (!who.may(user.org)) return denied;
  return rule.allowed(user.state) ? done : verdict{400, rule.wrong_state};
}

verdict add_user(const history& past, std::uint64_t position, const request_seen& asked,
                 const standing& who) {
  if (!who.may(asked.org)) return {403, "AUTH-5mWD2"};
  if (past.exists(asked.target, position)) return {400, "COMMAND-7yiox1isql"};
  if (past.name_taken(asked.org, asked.username, position)) return {409, "V3-DKcYh"};
  return {201, ""};
}

right needed_for(ask what) {
  switch (what) {
    case ask::add_otp:
      return right::credential_write;
    case ask::delete_user:
      return right::remove;
    case ask::get_user:
    case ask::list_methods:
      return right::read;
    case ask::list_events:
      return right::events;
    default:
      return right::write;
  }
}

bool self_may(ask what) {
  return what == ask::remove_otp || what == ask::add_otp || what == ask::get_user ||
         what == ask::list_methods;
}

/// Of whom somebody may hear: nobody's business is who was removed from another organization.
bool hears_of(const history& past, std::uint64_t position, std::string_view id,
              const standing& who) {
  return !past.exists(id, position) || who.may(past.user(id, position).org);
}

/// Whether a write fails by its condition, which is looked at behind its permission.
bool mismatched(const history& past, std::uint64_t position, const request_seen& asked,
                const standing& who) {
  if (!asked.if_match) return false;
  const bool adds = asked.what == ask::add_user;
  const user_then& user = past.user(asked.target, position);
  if (adds ? !who.may(asked.org) : user.live() && !who.may(user.org)) return false;
  if (!adds && !hears_of(past, position, asked.target, who)) return true;
  const std::uint64_t last = past.last_of(asked.target, position);
  const auto& tags = *asked.if_match;
  const bool named = tags.empty() || std::find(tags.begin(), tags.end(), last) != tags.end();
  return last == 0 || !named;
}

void append_part(std::string& bytes, std::string_view part) {
  std::uint64_t size = part.size();
  for (int i = 0; i < 8; ++i, size >>= 8U) bytes += static_cast<char>(size & 0xFFU);
  bytes += part;
}

/// As events have it: whose it is, and what it is called.
std::string key_of(const request_seen& asked, const token_then& caller) {
  std::string bytes;
  append_part(bytes, caller.subject);
  append_part(bytes, asked.key);
  storage::sha256 hasher;
  const storage::digest hash = hasher.of(bytes);
  return std::string(storage::as_bytes(hash));
}

/// The event of an earlier request with its key, behind its permission; else 0.
std::uint64_t find_first(const history& past, std::uint64_t position, const request_seen& asked,
                         const standing& who, std::int64_t time) {
  if (asked.key.empty()) return 0;
  const bool adds = asked.what == ask::add_user;
  const user_then& user = past.user(asked.target, position);
  if (adds ? !who.may(asked.org) : user.live() && !who.may(user.org)) return 0;
  return past.keyed(key_of(asked, *who.caller), position, time);
}

verdict of_repeated(const history& past, std::uint64_t first, const request_seen& asked) {
  const bool adds = asked.what == ask::add_user;
  const std::uint64_t begin = adds && asked.verified ? first - 1 : first;
  // With a deadline it is asked for over Connect, which has no such status.
  if (!is_event_of(past, begin, asked)) return {asked.deadline_ms ? 400U : 422U, ""};
  return {adds ? 201U : 200U, "", first};
}

verdict by_admin(const history& past, std::uint64_t position, const request_seen& asked) {
  if (asked.what == ask::revoke_token) {
    return past.token(asked.target, position) != nullptr ? done : verdict{404, ""};
  }
  const user_then& subject = past.user(asked.target, position);
  return subject.state == "USER_STATE_DELETED" ? verdict{400, ""} : verdict{201, ""};
}

}  // namespace

bool may_nowhere(const request_seen& asked, const token_then& caller) {
  const bool is_self = self_may(asked.what) && caller.subject == asked.target;
  return standing{&caller, needed_for(asked.what), is_self}.may_nowhere();
}

verdict decide(const history& past, std::uint64_t position, const request_seen& asked,
               const token_then* caller, std::int64_t time) {
  if (caller == nullptr) return by_admin(past, position, asked);
  const bool is_self = self_may(asked.what) && caller->subject == asked.target;
  const standing who{caller, needed_for(asked.what), is_self};
  if (who.may_nowhere()) return asked.what == ask::add_user ? verdict{403, "AUTH-5mWD2"} : denied;

  if (const auto first = find_first(past, position, asked, who, time); first != 0) {
    const verdict again = of_repeated(past, first, asked);
    // Of who was removed elsewhere nothing is told, also not what was once answered.
    const bool adds = asked.what == ask::add_user;
    if (again.replays == 0 || adds || hears_of(past, position, asked.target, who)) return again;
  }
  if (mismatched(past, position, asked, who)) return {412, "FACTORD-Match"};

  const user_then& user = past.user(asked.target, position);
  switch (asked.what) {
    case ask::remove_otp:
      return remove_otp(user, who);
    case ask::add_otp:
      return add_otp(user, who);
    case ask::add_user:
      return add_user(past, position, asked, who);
    case ask::list_events:
      return done;
    case ask::list_methods:
      return user.live() && !who.may(user.org) ? denied : done;
    case ask::get_user:
      if (!user.live()) return {404, "QUERY-Dfbg2"};
      return who.may(user.org) ? done : denied;
    default:
      return take_step(asked.what, user, who);
  }
}

bool is_event_of(const history& past, std::uint64_t sequence, const request_seen& asked) {
  const auto is = [&past](std::uint64_t at, event_type type) {
    return at > 0 && at <= past.last() && past.at(at).type() == static_cast<std::uint32_t>(type);
  };
  if (!is(sequence, event_of[static_cast<std::size_t>(asked.what)])) return false;
  const storage::event_record& event = past.at(sequence);
  const bool of_token = asked.what == ask::revoke_token;
  const std::string& target = of_token ? event.payload().token_id() : event.user_id();
  if (target != asked.target) return false;
  if (asked.what != ask::add_user) return true;
  return event.payload().username() == asked.username && event.resource_owner() == asked.org &&
         asked.verified == is(sequence + 1, event_type::email_verified);
}

std::uint64_t tag_of(const history& past, std::uint64_t position, const request_seen& asked,
                     const token_then* caller) {
  if (asked.what != ask::list_methods) return 0;
  const bool is_self = caller->subject == asked.target;
  const standing who{caller, right::read, is_self};
  return hears_of(past, position, asked.target, who) ? past.last_of(asked.target, position) : 0;
}

}  // namespace factord::simulation

#include "server/service/token_bootstrap.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "server/service/commands.hpp"
#include "server/service/failures.hpp"
#include "storage/base/ascii.hpp"
#include "storage/base/check.hpp"
#include "storage/base/enum_table.hpp"
#include "storage/model/stored_record.hpp"

namespace factord::service {
namespace {

constexpr failure another_tokens_text{status_code::already_exists, "",
                                      "another token has that text: the bootstrap token needs one "
                                      "of its own"};

constexpr std::size_t text_bytes_max = 512;

error no_token_text(const std::string& message) { return {errc::bad_argument, message}; }

bool may_stand_in_token(char c) {
  return is_digit(c) || is_letter(c) ||
         std::string_view("-._~+/").find(c) != std::string_view::npos;
}

storage::digest to_digest(std::string_view bytes) {
  storage::digest hash{};
  FACTORD_CHECK(bytes.size() == hash.size());
  std::ranges::copy(bytes, hash.begin());
  return hash;
}

// The hash of the bootstrap token that there is.
std::optional<storage::digest> find_bootstrap(known_states states) {
  const auto hash = states.token_id(bootstrap_token_id);
  return hash ? std::optional{to_digest(*hash)} : std::nullopt;
}

bool has_roles(const storage::token_record& token, role_set wanted) {
  role_set found;
  for (const std::string& name : token.roles()) {
    if (const auto which = find_role(name)) found.add(*which);
  }
  return found == wanted;
}

bool is_as_wanted(const question& wanted, const storage::digest& hash, known_states states) {
  if (hash != wanted.draws.token_hash) return false;
  const auto bytes = states.token(hash);
  if (!bytes) return false;
  const auto token = storage::parse_stored<storage::token_record>(*bytes);
  return token.subject() == wanted.in.user_id && token.org() == wanted.in.org &&
         has_roles(token, wanted.in.roles);
}

// Its text was not drawn: it may be one that somebody has.
bool is_anothers(const question& wanted, const std::optional<storage::digest>& current,
                 known_states states) {
  if (current == wanted.draws.token_hash) return false;
  return states.token(wanted.draws.token_hash).has_value();
}

void revoke(const question& wanted, const storage::digest& hash, const decision& on, answer& out) {
  question asked;
  asked.op = operation::revoke_token;
  asked.who = wanted.who;
  asked.in.token_id = bootstrap_token_id;
  asked.draws.token_hash = hash;
  decide_revoke_token(asked, on, out);
}

std::string_view words_of(storage::commit_outcome outcome) {
  switch (outcome) {
    case storage::commit_outcome::unavailable:
      return "the store is not available";
    case storage::commit_outcome::load_failed:
      return "the stored data could not be read";
    default:
      return "the store did not say whether it was done";
  }
}

}  // namespace

result<void> check_grant(const bootstrap_grant& grant) {
  for (std::size_t i = 0; i < count_of<role>; ++i) {
    const role which = static_cast<role>(i);
    if (!grant.roles.contains(which) || holds_everywhere(which) == grant.org.empty()) continue;
    return error{errc::bad_argument,
                 std::string(name(which)) + (grant.org.empty()
                                                 ? " needs an organization, on which it holds"
                                                 : " holds on every organization, and takes none")};
  }
  if (grant.roles.empty() && !grant.org.empty())
    return error{errc::bad_argument, "an organization needs a role that holds on it"};
  return {};
}

result<std::string> token_in(std::string file) {
  if (file.ends_with('\n')) file.pop_back();
  if (file.ends_with('\r')) file.pop_back();
  if (file.empty()) return no_token_text("it is empty: the text of a token is needed");
  if (file.size() > text_bytes_max)
    return no_token_text("a token has at most 512 characters, and this is longer");
  const std::string_view letters = std::string_view(file).substr(0, file.find_last_not_of('=') + 1);
  if (letters.empty() || !std::ranges::all_of(letters, may_stand_in_token)) {
    return no_token_text(
        "a token is one line of letters, digits and -._~+/ (and = at its end), and this is not");
  }
  return file;
}

token_bootstrap::token_bootstrap(const bootstrap_grant& grant, std::string_view text,
                                 std::uint32_t shard)
    : command(shard) {
  wanted_.op = operation::create_token;
  wanted_.who.trusted = true;
  wanted_.in.user_id = grant.user_id;
  wanted_.in.org = grant.org;
  wanted_.in.roles = grant.roles;
  wanted_.draws.ids.fill(std::string(bootstrap_token_id));
  wanted_.draws.token_hash = storage::sha256{}.of(text);
}

result<bootstrap_outcome> token_bootstrap::outcome() const {
  if (committed_ != storage::commit_outcome::committed)
    return error{errc::unavailable, std::string(words_of(committed_))};
  if (out_.code != status_code::ok) return error{errc::bad_argument, out_.message};
  return did_;
}

void token_bootstrap::list_keys(storage::state_table& table) const {
  const wanted_states wanted{table, key_};
  list_create_token_keys(wanted_, wanted);
}

void token_bootstrap::list_more_keys(storage::state_table& table, const storage::log_head&) const {
  const auto current = find_bootstrap(known_states{table, key_});
  if (current) wanted_states{table, key_}.token(*current);
}

void token_bootstrap::decide(const storage::state_table& states, const storage::decision_times& at,
                             storage::event_sink& events) {
  out_.clear();
  did_ = bootstrap_outcome::kept;
  const known_states known{states, key_};
  const auto current = find_bootstrap(known);
  if (current && is_as_wanted(wanted_, *current, known)) return;
  if (is_anothers(wanted_, current, known)) return out_.fail(another_tokens_text);
  // Before the old one ends: both or nothing.
  if (const failure* why = why_no_token(wanted_, known)) return out_.fail(*why);
  const decision on{known, at, events};
  did_ = current ? bootstrap_outcome::replaced : bootstrap_outcome::created;
  if (current) revoke(wanted_, *current, on, out_);
  decide_create_token(wanted_, on, out_);
}

void token_bootstrap::finish(storage::commit_outcome outcome) noexcept { committed_ = outcome; }

}  // namespace factord::service

#include "storage/audit/verify_pass.hpp"
#include "storage/engine/pages.hpp"

#include "storage/base/hex.hpp"
#include "storage/model/keys.hpp"
#include "storage/model/username_holders.hpp"

namespace factord::storage {

namespace {

constexpr std::size_t problems_kept = 100;
constexpr std::size_t states_per_page = 1000;

}  // namespace

std::uint64_t* state_counts::of(std::string_view key) {
  if (key.empty()) return nullptr;
  switch (static_cast<key_kind>(key.front())) {
    case key_kind::user:
      return &users;
    case key_kind::factor:
      return &factors;
    case key_kind::username:
      return &usernames;
    case key_kind::token:
      return &tokens;
    case key_kind::token_id:
      return &token_ids;
    case key_kind::retry:
      return &retries;
    case key_kind::retry_place:
      return &retry_places;
    case key_kind::retry_queue:
    case key_kind::meta:
    case key_kind::last_event:
      break;
  }
  return nullptr;
}

void findings::problem(std::string text) {
  if (report.problems.size() < problems_kept) report.problems.push_back(std::move(text));
}

void findings::show(std::string_view step, std::uint64_t done, std::uint64_t total) const {
  if (progress) progress(step, done, total);
}

std::string printable(std::string_view key) {
  std::string text;
  for (const char c : key) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F && c != '\\') {
      text += c;
    } else {
      text += "\\x";
      append_hex(text, byte);
    }
  }
  return text;
}

namespace {

/// There is one of the queue at most, which verify_retries has compared.
bool is_counted_nowhere(std::string_view key) {
  const auto kind = static_cast<key_kind>(key.front());
  return kind == key_kind::meta || (kind == key_kind::retry_queue && key.size() == 1);
}

result<void> count_states(const log_source& store, std::uint64_t total, findings& found,
                          state_counts& counted) {
  std::uint64_t walked = 0;
  return for_each_page<key_value>(
      [&](std::string_view after, auto done) {
        store.scan_states({}, after, states_per_page, std::move(done));
      },
      [&](const std::vector<key_value>& page) -> result<void> {
        for (const key_value& state : page) {
          if (std::uint64_t* const count = counted.of(state.key)) {
            // A name counts for each of its users, as it does in replay.
            *count += count == &counted.usernames ? count_holders(state.value) : 1;
          } else if (!is_counted_nowhere(state.key)) {
            found.problem("state " + printable(state.key) + " is of no known kind");
          }
        }
        walked += page.size();
        found.show("states", walked, total);
        return {};
      });
}

}  // namespace

result<void> verify_counts(const log_source& store, findings& found) {
  state_counts counted;
  const state_counts& expected = found.expected;
  const std::uint64_t total = expected.users + expected.factors + expected.usernames +
                              expected.tokens + expected.token_ids + expected.retries +
                              expected.retry_places;
  if (const auto walked = count_states(store, total, found, counted); !walked) return walked;

  const auto compare = [&found](std::string_view kind, std::uint64_t there,
                                std::uint64_t replayed) {
    if (there == replayed) return;
    found.problem(std::to_string(there) + " " + std::string{kind} + " are stored, replay gives " +
                  std::to_string(replayed));
  };
  compare("users", counted.users, expected.users);
  compare("factors", counted.factors, expected.factors);
  compare("usernames", counted.usernames, expected.usernames);
  compare("tokens", counted.tokens, expected.tokens);
  compare("token ids", counted.token_ids, expected.token_ids);
  compare("retries", counted.retries, expected.retries);
  compare("places of retries", counted.retry_places, expected.retry_places);
  found.report.users = counted.users;
  found.report.factors = counted.factors;
  found.report.tokens = counted.tokens;
  return {};
}

}  // namespace factord::storage

#pragma once

#include <optional>
#include <string_view>

#include "server/service/answer.hpp"
#include "server/service/states.hpp"
#include "server/service/token_cache.hpp"
#include "storage/base/clock.hpp"
#include "storage/model/hash_chain.hpp"

/// What the records of a token and of its subject say of whoever shows it: judged on the shard from
/// what a reader gave, and once more in a decision whose states are of another token epoch.
namespace factord::service {

inline constexpr failure token_invalid{status_code::unauthenticated, "AUTH-7fs1e",
                                       "Errors.Token.Invalid"};
/// Of an id that is asked for.
inline constexpr failure token_unknown{status_code::not_found, "", "no such token"};

/// 0 is never.
[[nodiscard]] inline bool expired(timestamp expires_at, timestamp now) noexcept {
  return expires_at != timestamp{} && now >= expires_at;
}

/// From a token's record. It says nothing of its subject, or of the time.
[[nodiscard]] verdict to_verdict(std::string_view token);

/// From the record of a subject. One that is no user of this store has no state that could bar it.
[[nodiscard]] bool is_active(std::optional<std::string_view> user);

/// Asks for a token and for its subject.
void list_token_keys(const storage::digest& credential, std::string_view subject,
                     wanted_states keys);

/// Whether the token is good by these states, which it was asked for. What it grants, and to whom,
/// never changes.
[[nodiscard]] bool is_good(const storage::digest& credential, std::string_view subject,
                           known_states states, timestamp now);

}  // namespace factord::service

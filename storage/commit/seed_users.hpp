#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "storage/base/id_range.hpp"
#include "storage/engine/engine.hpp"

namespace factord::storage {

/// The first of such users, where nobody says.
inline constexpr std::string_view first_seed_id = "100000000000000001";

/// Called after each batch with how many users have been added.
using seed_progress = std::function<void(std::uint64_t added)>;

/// Adds users with these ids to `org` in real events, each with a verified email and the OTP-email
/// factor, in batches of some hundred; a batch is all or nothing. Calls the engine's writers, so
/// nobody else may.
///
/// Stops at the first id or username that exists, with errc::already_exists; fails with
/// errc::storage_failed where a batch cannot be written. Both messages say how many were added.
[[nodiscard]] result<void> seed_users(engine& store, const id_range& ids, const std::string& org,
                                      const seed_progress& progress);

}  // namespace factord::storage

#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "storage/engine/engine.hpp"
#include "tools/common/id_range.hpp"

namespace factord::ctl {

/// Called after each batch with how many users have been added.
using seed_progress = std::function<void(std::uint64_t added)>;

/// Adds users with these ids to `org` in real events, each with a verified email and the OTP-email
/// factor, in batches of some hundred; a batch is all or nothing. Calls the engine's writers, so
/// nobody else may.
///
/// Stops at the first id or username that exists, with errc::already_exists; fails with
/// errc::storage_failed where a batch cannot be written. Both messages say how many were added.
[[nodiscard]] result<void> seed_users(storage::engine& store, const tools::id_range& ids,
                                      const std::string& org, const seed_progress& progress);

}  // namespace factord::ctl

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "storage/base/error.hpp"
#include "storage/commit/seed_users.hpp"
#include "storage/engine/engine.hpp"

namespace factord::dev {

/// The organization of all users.
inline constexpr std::string_view test_org = "acme";
/// Whose the token is: nobody's of the store, so that no test can lock it out.
inline constexpr std::string_view test_subject = "dev";

/// A new, empty store that is kept by the process alone.
[[nodiscard]] std::unique_ptr<storage::engine> make_memory_store();

/// Fills a new store, which nobody serves yet: with so many users, as `factorctl seed` makes them,
/// and a token that may do everything, whose secret it returns.
/// Fails as storage::seed_users; what `progress` throws leaves it.
[[nodiscard]] result<std::string> fill_test_store(storage::engine& store, std::uint64_t users,
                                                  const storage::seed_progress& progress);

}  // namespace factord::dev

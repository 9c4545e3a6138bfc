#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "storage/base/error.hpp"
#include "storage/postgres/connection.hpp"
#include "storage/postgres/location.hpp"
#include "storage/postgres/session_rules.hpp"

namespace factord::storage {

/// A session with a host that is there by then and may be written to (server_check.hpp), set up by
/// these rules: of several with the one that is chosen, timelines before `oldest` are refused
/// (host_choice.hpp).
[[nodiscard]] result<std::unique_ptr<postgres_connection>> connect_to_server(
    const postgres_location& location, const session_rules& rules, postgres_connection::time by,
    std::uint32_t oldest = 0);

/// The same, where the store is that is meant, with these statements prepared. `store_id` is set
/// where it is empty; errc::storage_failed where it is another's, errc::store_missing where there
/// is none.
[[nodiscard]] result<std::unique_ptr<postgres_connection>> connect_to_store(
    const postgres_location& location, const session_rules& rules, std::span<const sql> statements,
    std::string& store_id, postgres_connection::time by, std::uint32_t oldest = 0);

/// By when every host of the location has had its time.
[[nodiscard]] postgres_connection::time time_for_all(const postgres_location& location,
                                                     const session_rules& rules);

}  // namespace factord::storage

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "storage/base/error.hpp"
#include "storage/postgres/connection.hpp"
#include "storage/postgres/location.hpp"
#include "storage/postgres/session_rules.hpp"

namespace factord::storage {

/// Waits for all of an exchange that was sent, and gives its replies, but for what was skipped, to
/// `take`. Fails with the first request that fails (failures.hpp), and with errc::unavailable where
/// the connection is lost or late: it is of no use then. `warning`: set to the first one.
[[nodiscard]] result<void> converse(postgres_connection& with, postgres_connection::time by,
                                    const std::function<void(const sql_reply&)>& take,
                                    std::string* warning = nullptr);

/// A session with a host that is there by then and may be written to (server_check.hpp), set up by
/// these rules: of several with the primary of the newest timeline, the first of those in the order
/// of the location. Timelines before `oldest` are refused. No host is waited for longer than
/// session_rules::connect_time, and each of several has its share of the time, so that one that
/// says nothing takes none of the others'.
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

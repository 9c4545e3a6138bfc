#pragma once

#include <string>

#include "storage/base/error.hpp"
#include "storage/postgres/exchange.hpp"
#include "storage/postgres/location.hpp"
#include "storage/postgres/session_rules.hpp"

namespace factord::storage {

/// Makes the tables of a new, empty store with this format (server_check.hpp), in one transaction;
/// returns its id. errc::already_exists where the schema `factord` is there already, which is left
/// as it is; otherwise as connect_to_server.
[[nodiscard]] result<std::string> make_tables(const postgres_location& location,
                                              const session_rules& rules,
                                              const std::string& format);

/// Makes one change to the store with this id, on a connection of its own; as connect_to_store.
[[nodiscard]] result<void> alter_store(const postgres_location& location,
                                       const session_rules& rules, std::string store_id,
                                       const sql_request& how);

}  // namespace factord::storage

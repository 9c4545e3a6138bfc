#pragma once

#include "storage/base/error.hpp"
#include "storage/postgres/connection.hpp"
#include "storage/postgres/primary_watch.hpp"
#include "storage/postgres/session_rules.hpp"

namespace factord::storage {

/// Sees to it that the server of a connection is known to be the newest primary
/// (primary_watch::current): at once where it is, otherwise by a commit that changes nothing. So
/// whatever the connection has read before is not stale. Nothing is open on it. errc::unavailable
/// where no standby confirms that by then: the connection is of no use after that.
///
/// A commit that waits for standbys holds no lock that another would wait for, and its server
/// process goes on with it once nobody listens any more: the next one on that server ends it.
[[nodiscard]] result<void> make_sure(postgres_connection& of, primary_watch& watch,
                                     const session_rules& rules, postgres_connection::time by);

}  // namespace factord::storage

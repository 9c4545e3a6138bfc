#pragma once

#include "storage/base/error.hpp"
#include "storage/postgres/primary_watch.hpp"
#include "storage/postgres/session_io.hpp"
#include "storage/postgres/session_rules.hpp"

namespace factord::storage {

/// Sees to it that the server of a connection is known to be the newest primary
/// (primary_watch::current): at once where it is, otherwise by a commit that changes nothing. So
/// whatever the connection has read before is not stale. Nothing is open on it. errc::unavailable
/// where no standby confirms that by then, or there is no connection: it is of no use after that.
///
/// A commit that waits for standbys holds no lock that another would wait for, and its server
/// process goes on with it once nobody listens any more: the next one on that server ends it.
[[nodiscard]] result<void> make_sure(session_io& of, primary_watch& watch,
                                     const session_rules& rules, session_io::time by);

/// Whether there is a connection that is of no use any more, while nothing is under way: the other
/// side has ended it, or it leads to a primary that is not the newest. Does not wait.
[[nodiscard]] bool ended_or_outdated(session_io& of, const primary_watch& watch);

}  // namespace factord::storage

#pragma once

#include <functional>
#include <string>

#include "storage/base/error.hpp"
#include "storage/postgres/exchange.hpp"

namespace factord::storage {

/// Takes all of an exchange that was sent from `receive`, which waits for what comes next, and
/// gives its replies, but for what was skipped, to `take`. Fails with the first request that fails
/// (failures.hpp), and with errc::unavailable where the connection is lost or late: it is of no use
/// then. `warning`: set to the first one.
[[nodiscard]] result<void> converse(const std::function<exchange_event()>& receive,
                                    const std::function<void(const sql_reply&)>& take,
                                    std::string* warning);

/// The same, over whatever has a receive(by).
template <class Connection, class Time>
[[nodiscard]] result<void> converse(Connection& with, Time by,
                                    const std::function<void(const sql_reply&)>& take,
                                    std::string* warning = nullptr) {
  return converse([&with, by] { return with.receive(by); }, take, warning);
}

}  // namespace factord::storage

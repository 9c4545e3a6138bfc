#pragma once

#include <map>
#include <string>

#include "storage/base/error.hpp"

namespace factord {

/// Variables by name, all of them or those that begin with FACTORD_.
using environment = std::map<std::string, std::string>;

/// Those of this process whose names begin with FACTORD_.
[[nodiscard]] environment read_environment();

/// Fails with errc::bad_argument for a FACTORD_ variable that is no setting, naming it and the
/// setting that may have been meant: what would have no effect was written to have one. Variables
/// that a cluster puts into every container, for services that happen to have our name, are none of
/// ours: FACTORD_SERVICE_HOST, FACTORD_PORT=tcp://..., FACTORD_ADMIN_PORT_80_TCP_ADDR.
[[nodiscard]] result<void> check_names(const environment& given);

}  // namespace factord

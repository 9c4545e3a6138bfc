#pragma once

#include <string>
#include <vector>

#include "storage/base/error.hpp"

namespace factord::ctl {

/// Checks that roles and org go together: an ORG_ role needs the org on which it holds, an IAM_
/// role holds on every org and takes none. Every role must be of the role table. Fails with
/// errc::bad_argument, naming the role.
[[nodiscard]] result<void> check_grant(const std::vector<std::string>& roles,
                                       const std::string& org);

}  // namespace factord::ctl

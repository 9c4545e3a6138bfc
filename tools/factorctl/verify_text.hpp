#pragma once

#include <string>

#include "storage/audit/verify.hpp"

namespace factord::ctl {

/// What verify found, for people: figures, the events by type, then `ok` or every problem on a
/// line of its own. Ends with a line feed.
[[nodiscard]] std::string format_report(const storage::verify_report& report);

}  // namespace factord::ctl

#pragma once

#include <boost/json/object.hpp>
#include <string>

namespace factord::ctl {

/// One line `key: value` for every value that is not an object; the members of an object have the
/// names above them before their own, with dots: `answers.RemoveOTPEmail.OK: 12`.
[[nodiscard]] std::string format_stats(const boost::json::object& stats);

}  // namespace factord::ctl

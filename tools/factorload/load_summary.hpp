#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "tools/factorload/load_options.hpp"
#include "tools/factorload/load_run.hpp"

namespace factord::load {

/// The result for people: a few lines, each with a name and its figures.
[[nodiscard]] std::string format_summary(const load_options& options, const load_result& outcome);

/// The result for programs. Latencies are in microseconds; an operation that had no answer has
/// none. The token is not in it.
[[nodiscard]] boost::json::object summary_json(const load_options& options,
                                               const load_result& outcome);

}  // namespace factord::load

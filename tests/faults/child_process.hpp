#pragma once

#include <functional>
#include <string>

namespace factord::storage::testing {

/// Runs this in a process of its own and returns what it returned. A database that failed stays in
/// memory until its process ends, so whoever makes hundreds of them fail needs as many processes.
/// Where it dies instead, that is what is returned. The caller must not have opened a database:
/// its threads would be missing in the child.
[[nodiscard]] std::string in_child(const std::function<std::string()>& work);

}  // namespace factord::storage::testing

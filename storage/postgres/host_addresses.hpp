#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "storage/base/error.hpp"

namespace factord::storage {

/// The addresses that a host's name stands for, in the order in which they are to be tried, as
/// libpq's parameter hostaddr has them; none for what is no name: an address, the path of a socket,
/// nothing. errc::unavailable where the name stands for none, or is not resolved by then: libpq
/// would wait for as long as the system's resolver likes, which is half a minute where no name
/// server answers. Any thread.
[[nodiscard]] result<std::vector<std::string>> addresses_of(
    const std::string& host, std::chrono::steady_clock::time_point by);

}  // namespace factord::storage

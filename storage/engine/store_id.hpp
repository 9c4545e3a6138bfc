#pragma once

#include <string>

namespace factord::storage {

/// The id of a new store: 128 random bits in hexadecimal. Aborts where there is no entropy.
[[nodiscard]] std::string draw_store_id();

}  // namespace factord::storage

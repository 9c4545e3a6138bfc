#pragma once

#include <string_view>

#include "storage/base/check.hpp"

namespace factord::storage {

/// Reads a record as this store wrote it into `out`, reusing its memory. What does not parse ends
/// the process: readers tell damage by checksums before anybody asks here.
template <class Record>
void parse_stored(std::string_view bytes, Record& out) {
  FACTORD_CHECK(out.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
}

template <class Record>
[[nodiscard]] Record parse_stored(std::string_view bytes) {
  Record out;
  parse_stored(bytes, out);
  return out;
}

}  // namespace factord::storage

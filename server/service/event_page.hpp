#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "storage/model/records.pb.h"

namespace factord::service {

/// Events as one walk over the log has found them. Several answers may share a page
/// (shared_walks.hpp): it does not change, but that it remembers what it was written as. One
/// thread.
struct event_page {
  std::vector<storage::event_record> events;
  std::vector<std::uint64_t> sequences;  ///< theirs

  /// The events in one of the protocol layer's forms; `write(out)` is called for the first who
  /// wants them so. Valid until another form is asked for.
  template <class Write>
  [[nodiscard]] const std::string& written(std::uint32_t form, Write write) const {
    for (const auto& [of, bytes] : written_) {
      if (of == form) return bytes;
    }
    std::string& bytes = written_.emplace_back(form, std::string()).second;
    write(bytes);
    return bytes;
  }

 private:
  mutable std::vector<std::pair<std::uint32_t, std::string>> written_;
};

}  // namespace factord::service

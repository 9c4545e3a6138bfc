#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/base/clock.hpp"
#include "storage/model/hash_chain.hpp"

namespace factord::storage {

/// The end of the event log. Of an empty log: sequence 0, hash = SHA-256(store id), created_at 0.
struct log_head {
  std::uint64_t sequence = 0;
  digest hash{};
  timestamp created_at{};
};

/// An event on its way into the log. Views are of the commit queue's memory, valid for the call.
struct new_event {
  std::uint64_t sequence;
  std::string_view user_id;
  std::string_view value;  ///< chain hash ‖ event_record, as stored
};

/// An event of the log.
struct stored_event {
  std::uint64_t sequence = 0;
  std::string value;  ///< chain hash ‖ event_record, as stored
};

}  // namespace factord::storage

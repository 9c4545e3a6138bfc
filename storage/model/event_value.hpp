#pragma once

#include <cstdint>
#include <string_view>

#include "storage/base/error.hpp"
#include "storage/model/hash_chain.hpp"
#include "storage/model/log_head.hpp"
#include "storage/model/records.pb.h"

namespace factord::storage {

/// The value of an event as stored, taken apart: chain hash ‖ event_record.
struct event_value {
  digest hash{};
  std::string_view record;  ///< a view of the value given
};

/// Takes the value of an event apart. errc::corruption where it is too short to be one.
[[nodiscard]] result<event_value> split_event_value(std::uint64_t sequence, std::string_view value);

/// Sets `out` to the record of an event. errc::corruption where the bytes are no event_record.
[[nodiscard]] result<void> parse_event_record(std::uint64_t sequence, std::string_view record,
                                              event_record& out);

/// The head of a log whose last event is this one; of its token epoch an event tells nothing.
[[nodiscard]] result<log_head> head_at(std::uint64_t sequence, std::string_view value);

/// The head of the empty log of a store.
[[nodiscard]] log_head empty_log_head(std::string_view store_id);

}  // namespace factord::storage

#pragma once

#include <cstdint>
#include <optional>
#include <span>
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
  /// Another number with each commit that may change whether a token is valid: what was found out
  /// about one holds as long as this does. Not of the log, but kept beside it and changed with it;
  /// it only goes up.
  std::uint64_t token_epoch = 0;
  /// What time it was where this was read, by the clock of the store: one for all that share it.
  /// Nothing where the store has none of its own.
  std::optional<timestamp> read_at = {};
};

/// An event on its way into the log. Views are of the commit queue's memory, valid for the call.
struct new_event {
  std::uint64_t sequence;
  std::string_view user_id;
  std::string_view value;       ///< chain hash ‖ event_record, as stored
  bool affects_tokens = false;  ///< by its type (event.hpp)
  bool within_org = false;      ///< as it has it (records.proto)
};

/// The token epoch that a commit of these events leads to.
[[nodiscard]] std::uint64_t token_epoch_after(std::uint64_t epoch,
                                              std::span<const new_event> events) noexcept;

/// An event of the log.
struct stored_event {
  std::uint64_t sequence = 0;
  std::string value;  ///< chain hash ‖ event_record, as stored
};

}  // namespace factord::storage

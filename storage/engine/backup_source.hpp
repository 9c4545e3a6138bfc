#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "storage/base/clock.hpp"
#include "storage/model/hash_chain.hpp"

namespace factord::storage {

/// What a backup holds: a store up to the event that was its last when the backup began, so all
/// that had been answered by then.
struct backup_entry {
  std::uint32_t id = 0;     ///< counts up in its directory
  bool damaged = false;     ///< what follows cannot be read
  timestamp taken_at{};     ///< in whole seconds
  std::uint64_t bytes = 0;  ///< of all its files, those that it shares with other backups too
  std::string store_id;
  std::uint64_t sequence = 0;  ///< of the last event
  digest hash{};               ///< of the chain there
};

/// Told now and then, from the thread that makes the backup, how many bytes are copied; a total of
/// 0 is unknown. False ends the backup.
using backup_progress = std::function<bool(std::uint64_t copied, std::uint64_t total)>;

}  // namespace factord::storage

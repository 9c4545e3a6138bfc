#pragma once

#include <cstdint>
#include <vector>

#include "storage/base/error.hpp"
#include "storage/engine/log_source.hpp"
#include "storage/model/hash_chain.hpp"
#include "storage/model/records.pb.h"

namespace factord::storage {

/// Reads a log from its beginning, page by page, and stops at the first thing that is wrong with it
/// (verify goes on, and tells all). One thread.
class log_reader {
 public:
  explicit log_reader(const log_source& store);

  /// The next events up to the sequence `last`, at least one; good until the next call. Fails with
  /// errc::corruption, naming the event, where one is missing, does not fit the hash chain, is
  /// older than the one before it or is of no type known here. `last` must lie ahead (checked).
  [[nodiscard]] result<const std::vector<event_record>*> next(std::uint64_t last);

  /// Of the last event read.
  [[nodiscard]] std::uint64_t sequence() const noexcept { return sequence_; }

 private:
  [[nodiscard]] result<void> check(const stored_event& event, event_record& record);

  const log_source& store_;
  sha256 hash_;
  digest previous_;
  std::uint64_t sequence_ = 0;
  std::int64_t created_at_ = 0;
  std::vector<event_record> page_;
};

}  // namespace factord::storage

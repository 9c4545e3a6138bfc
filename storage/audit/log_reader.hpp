#pragma once

#include <cstdint>
#include <functional>
#include <span>
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

  /// Takes a page of events, at least one; they are good for the call only.
  using taker = std::function<result<void>(std::span<const event_record> page)>;

  /// Reads on to the sequence `last`, or nothing where that is behind. Ends with the first failure
  /// of `take`, or with errc::corruption, naming the event, where one is missing, does not fit the
  /// hash chain, is older than the one before it or is of no type known here.
  [[nodiscard]] result<void> read(std::uint64_t last, const taker& take);

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

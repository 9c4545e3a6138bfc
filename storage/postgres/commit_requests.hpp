#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "storage/base/error.hpp"
#include "storage/model/log_head.hpp"
#include "storage/model/state_table.hpp"
#include "storage/postgres/binary.hpp"
#include "storage/postgres/exchange.hpp"

namespace factord::storage {

/// The head of the store as one load has found it: where a commit goes on from.
struct loaded_head {
  log_head log;
  std::uint64_t epoch = 0;      ///< raised by whatever moves no sequence, and yet is a commit
  unsigned standbys = 0;        ///< that have a commit when it is answered
  std::string turned_off = {};  ///< settings without which no commit is durable; empty: none
};

/// A batch as requests, without what begins and ends its transaction. Owns what they are views of;
/// its memory is kept.
class commit_requests {
 public:
  /// Appends to `out` what makes the table's changes and the events, in one transaction, if the
  /// head is still `from`; returns the head that this leads to. The events go on from it without a
  /// gap (checked). `attempt` is kept beside the last event. The requests are valid until the next
  /// call, and as long as the events are.
  [[nodiscard]] result<log_head> build(const loaded_head& from, const state_table& table,
                                       std::span<const new_event> events, std::string_view attempt,
                                       std::vector<sql_request>& out);

 private:
  void sort_changes(const state_table& table);
  [[nodiscard]] result<log_head> sort_events(const log_head& from,
                                             std::span<const new_event> events);
  void move_head(const loaded_head& from, bool without_events, std::vector<sql_request>& out);

  array_parameter deleted_;
  std::optional<std::size_t> deleted_there_;  ///< how many of them there are; nothing: unknown
  array_parameter keys_;
  array_parameter records_;
  array_parameter sequences_;
  array_parameter users_;
  array_parameter values_;
  log_head from_;
  log_head to_;
  number_bytes numbers_[6]{};  ///< of move_head
};

}  // namespace factord::storage

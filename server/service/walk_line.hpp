#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <unordered_map>
#include <utility>

#include "server/service/call.hpp"

namespace factord::service {

/// Whose turn it is to walk over a range of the store (ListEvents, ListTokens). An answer may be a
/// megabyte, and the engine gives them one after the other: so a shard has a few walks under way at
/// a time, its connections take turns, and what nobody waits for any more is not begun. One thread.
class walk_line {
 public:
  /// Enough that the engine is never idle for want of the next one.
  static constexpr std::size_t most_under_way = 4;

  /// True where the answer of a call still has somewhere to go; empty: always.
  using question = std::function<bool(const call&)>;
  /// Called once, within join() or later: with true a walk begins, and ended() has to follow; with
  /// false nobody wants it any more.
  using turn = std::function<void(bool wanted)>;

  explicit walk_line(const question& wanted) : wanted_(wanted) {}

  /// Of one connection (`way_back.slot`) they have their turns in order.
  void join(const call& pending, turn begin);
  /// A walk is answered.
  void ended();

 private:
  struct waiting {
    const call* pending;
    turn begin;
  };

  void advance();
  [[nodiscard]] waiting take_next();

  const question& wanted_;
  std::unordered_map<std::uint32_t, std::deque<waiting>> lines_;  ///< by slot; none is empty
  std::deque<std::uint32_t> slots_;                               ///< of those, whose turn is next
  std::size_t under_way_ = 0;
  bool advancing_ = false;
};

}  // namespace factord::service

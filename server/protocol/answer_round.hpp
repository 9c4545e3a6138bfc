#pragma once

#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "server/service/call.hpp"
#include "server/service/call_pool.hpp"

namespace factord::protocol {

/// Hands finished calls to their connections, of one shard. A `Connection` has
///
///     bool complete(service::call&);  // true where answered() is to follow
///     bool submitted(service::call&);  // the same
///     void answered();
///     bool queued;                    // ours, false between rounds
///
/// `find(ticket)` gives null where a connection is gone: what it asked was done all the same.
template <class Connection>
class answer_round {
 public:
  /// `unheard` is called of each call whose connection is gone; empty: nobody cares.
  explicit answer_round(service::call_pool& calls,
                        std::function<void(const service::call&)> unheard = {})
      : calls_(calls), unheard_(std::move(unheard)) {}

  /// The calls of a batch. Every connection goes on once, so that all its answers leave in one
  /// write.
  template <class Find>
  void give(std::span<storage::command* const> batch, Find find) {
    answered_.clear();
    for (storage::command* const one : batch) {
      auto& done = static_cast<service::call&>(*one);
      Connection* const owner = find(done.way_back);
      if (owner == nullptr) {
        drop(done);
        continue;
      }
      if (owner->complete(done) && !owner->queued) answered_.push_back(owner);
      owner->queued = true;
    }
    for (Connection* const owner : answered_) {
      owner->queued = false;
      owner->answered();
    }
  }

  /// A call that did not come in a batch. Null: its connection is gone.
  void give(service::call& done, Connection* owner) {
    if (owner == nullptr) return drop(done);
    if (owner->complete(done) && !owner->queued) owner->answered();
  }

  /// A write is in the commit queue that was not at once. Null: its connection is gone.
  static void tell_submitted(service::call& begun, Connection* owner) {
    if (owner != nullptr && owner->submitted(begun) && !owner->queued) owner->answered();
  }

 private:
  void drop(service::call& done) {
    if (unheard_) unheard_(done);
    calls_.release(done);
  }

  service::call_pool& calls_;
  const std::function<void(const service::call&)> unheard_;
  std::vector<Connection*> answered_;
};

/// The connection with the most memory in buffers, of a slab of them; null where there is none.
template <class Connection, class Slab>
[[nodiscard]] Connection* fullest_of(Slab& all) {
  Connection* fullest = nullptr;
  all.for_each([&fullest](Connection& one) {
    if (fullest == nullptr || one.buffered() > fullest->buffered()) fullest = &one;
  });
  return fullest;
}

}  // namespace factord::protocol

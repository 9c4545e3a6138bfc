#pragma once

#include <functional>
#include <utility>

#include "server/service/call.hpp"
#include "server/service/environment.hpp"
#include "storage/engine/engine.hpp"

namespace factord::service {

/// Ends a call for which a reader failed: it is counted, the cause is in the log, and the client is
/// told no more than that.
void fail_unreadable(const environment& with, call& pending, const error& cause);

/// A reader's callback that goes on on the shard's thread, whatever thread the engine answers on.
template <class T>
[[nodiscard]] storage::engine::callback<T> on_shard(const environment& with,
                                                    std::function<void(result<T>)> then) {
  return [&with, then = std::move(then)](result<T> read) {
    with.run_on_shard([then, read = std::move(read)]() mutable { then(std::move(read)); });
  };
}

}  // namespace factord::service

#pragma once

#include <functional>
#include <utility>

#include "server/service/answer.hpp"
#include "server/service/environment.hpp"
#include "storage/engine.hpp"

namespace factord::service {

/// What a client is told when a reader fails; the cause is in the log.
inline constexpr failure store_unreadable{status_code::unavailable, "", "the store cannot be read"};

/// A reader's callback that goes on on the shard's thread, whatever thread the engine answers on.
template <class T>
[[nodiscard]] storage::engine::callback<T> on_shard(const environment& with,
                                                    std::function<void(result<T>)> then) {
  return [&with, then = std::move(then)](result<T> read) {
    with.run_on_shard([then, read = std::move(read)]() mutable { then(std::move(read)); });
  };
}

}  // namespace factord::service

#pragma once

#include <future>
#include <memory>
#include <utility>

#include "storage/base/error.hpp"

namespace factord::storage {

/// Calls a reader of the engine, `reader(callback)`, and waits for its answer.
template <class T, class Reader>
[[nodiscard]] result<T> wait_for(const Reader& reader) {
  // Shared, because the thread that answers may still be in set_value() when get() returns.
  const auto promise = std::make_shared<std::promise<result<T>>>();
  auto answer = promise->get_future();
  reader([promise](result<T> given) { promise->set_value(std::move(given)); });
  return answer.get();
}

}  // namespace factord::storage

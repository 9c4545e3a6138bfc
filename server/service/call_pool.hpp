#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "server/service/call.hpp"

namespace factord::service {

/// The calls of one shard, reused so that a request allocates nothing. Calls in flight belong to
/// the pool still: it outlives the commit queue. One thread.
class call_pool {
 public:
  explicit call_pool(std::uint32_t shard) noexcept : shard_(shard) {}

  /// A cleared call.
  [[nodiscard]] call& acquire();
  void release(call& done);

  [[nodiscard]] std::size_t in_use() const noexcept { return calls_.size() - free_.size(); }

 private:
  const std::uint32_t shard_;
  std::vector<std::unique_ptr<call>> calls_;
  std::vector<call*> free_;
};

}  // namespace factord::service

#pragma once

#include <functional>

#include "server/service/call.hpp"
#include "storage/commit_queue.hpp"
#include "storage/engine.hpp"

namespace factord::service {

class token_generation;  // server/service/token_cache.hpp

/// Runs calls: authenticates, refuses what can be refused without a look-up, gives commands to the
/// commit queue and queries to the engine's readers. One per shard, with its own cache of token
/// verdicts; used by its shard's thread only.
class user_service {
 public:
  /// Called once for every call that start() was given and that did not go through the commit
  /// queue: inside start(), or later on any thread. (Calls that did come out of the queue's hook.)
  using deliver_function = std::function<void(call&)>;

  user_service(storage::engine& store, storage::commit_queue& queue,
               const token_generation& generation, deliver_function deliver);
  ~user_service();
  user_service(const user_service&) = delete;
  user_service& operator=(const user_service&) = delete;

  /// The call must stay alive until it is delivered. Its answer is then set.
  void start(call& work);

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace factord::service

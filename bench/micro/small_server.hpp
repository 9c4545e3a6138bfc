#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/protocol/session.hpp"
#include "storage/engine/memory_engine.hpp"

namespace factord::bench {

/// A server of one shard without sockets: sessions over the service, a commit queue that is run by
/// hand, and the memory engine with some users who have the factor.
class small_server {
 public:
  explicit small_server(std::uint64_t users);

  /// Of an IAM_OWNER.
  [[nodiscard]] const std::string& token() const noexcept { return token_; }

  /// A new connection. Its slot, from 0, is that of its ticket.
  protocol::session& connect();

  /// Runs what is waiting as one batch and answers it.
  void commit_waiting();

  /// Gives every user the factor again whose factor was removed.
  void restore_factors();

  [[nodiscard]] const service::environment& environment() const noexcept { return environment_; }
  [[nodiscard]] service::call_pool& calls() noexcept { return calls_; }

 private:
  void trusted(service::call& pending);
  [[nodiscard]] storage::commit_hooks make_hooks();
  void answer_all();

  limits bounds_;
  storage::memory_engine store_{"bench"};
  service::newest_token_epoch token_epoch_;
  service::counters tally_;
  service::call_pool calls_{0};
  storage::commit_queue queue_;
  service::environment environment_;
  service::user_service users_;
  readiness_state state_;
  protocol::date_clock date_;
  protocol::api api_;
  protocol::session_environment shared_;
  std::vector<std::unique_ptr<protocol::session>> sessions_;
  std::vector<service::call*> done_;
  std::uint64_t user_count_;
  std::string token_;
};

}  // namespace factord::bench

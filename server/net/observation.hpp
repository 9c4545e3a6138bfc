#pragma once

#include <atomic>
#include <string>

#include "server/base/budget.hpp"
#include "server/base/readiness.hpp"
#include "server/metrics/facts.hpp"
#include "server/net/key_fetcher.hpp"
#include "server/net/surface_rooms.hpp"
#include "server/protocol/tls/context.hpp"
#include "server/service/counters.hpp"
#include "server/tracing/trace_queue.hpp"
#include "storage/commit/commit_queue.hpp"
#include "storage/engine/backup_job.hpp"
#include "storage/engine/engine.hpp"

namespace factord::net {

/// What a server is watched by. References outlive it.
struct observed {
  const storage::engine& store;
  const storage::commit_queue& queue;
  const storage::commit_limits& queue_limits;
  const storage::backup_job& backups;
  const readiness_state& state;
  const service::counters& counted;
  const surface_rooms& rooms;
  const budget& streams;
  const tracing::trace_queue& traces;
  const key_fetcher& keys;
};

/// Looks at a server, without a word to its store, and tells what it finds as metrics. Any thread.
class observation {
 public:
  observation(const observed& of, std::string version) : of_(of), version_(std::move(version)) {}

  /// Which certificate is in use from now on.
  void note(const protocol::tls_context& in_use) noexcept;

  /// Appends the metrics of this moment.
  void write_metrics(std::string& out) const;

 private:
  [[nodiscard]] metrics::facts look() const;

  const observed of_;
  const std::string version_;
  std::atomic<timestamp> certificate_end_{};
};

}  // namespace factord::net

#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/repeated_line.hpp"
#include "server/base/reporting.hpp"
#include "server/net/http_client.hpp"
#include "server/tracing/trace_queue.hpp"
#include "storage/base/error.hpp"
#include "storage/base/thread.hpp"

namespace factord::net {

/// Sends what is in a queue to a collector of traces (OTLP/HTTP), on a thread of its own. What a
/// collector does not take, or not within its time, is dropped and counted: nothing is sent twice,
/// and nobody waits.
class trace_exporter {
 public:
  /// What it is given outlives it.
  trace_exporter(const trace_rules& rules, std::string_view version, tracing::trace_queue& from);
  /// What waits is sent once more, for a second at most.
  ~trace_exporter();
  trace_exporter(const trace_exporter&) = delete;
  trace_exporter& operator=(const trace_exporter&) = delete;

 private:
  void run() noexcept;
  void send_all(const std::vector<tracing::call_trace>& calls);
  [[nodiscard]] result<void> send(std::string body, std::size_t calls);
  /// The end has come, and so has that of its time.
  [[nodiscard]] bool is_over();

  const trace_rules& rules_;
  const std::string_view version_;
  tracing::trace_queue& queue_;
  http_client client_;
  repeated_line failures_;
  std::atomic<bool> ending_{false};
  std::optional<std::chrono::steady_clock::time_point> end_;  ///< once the thread has heard of it
  thread thread_;
};

}  // namespace factord::net

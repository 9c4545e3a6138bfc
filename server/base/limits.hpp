#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "storage/commit/commit_limits.hpp"

namespace factord {

/// Every bound of the server, each configurable and each tested at the limit and one past it.
struct limits {
  std::size_t connections = 10'000;  ///< of the process; one more gets 503 and is closed

  std::size_t header_bytes = 8U << 10U;  ///< request line and header fields with their line ends
  std::size_t body_bytes = 64U << 10U;
  std::size_t pipelined_requests = 64;  ///< of one HTTP/1.1 connection, read and not yet answered
  std::size_t http2_streams = 128;      ///< open at once on one HTTP/2 connection
  std::size_t http2_resets = 1000;      ///< of streams, a burst; see http2/reset_budget.hpp
  std::size_t http2_acks = 1000;        ///< answers to PING and SETTINGS that wait to be sent
  std::size_t event_streams = 1000;     ///< of the process; one more gets 429
  std::size_t bulk_lines = 1024;        ///< of one connection, begun and not yet answered
  std::size_t output_bytes = 256U << 10U;  ///< buffered on one connection before it stops reading
  std::size_t all_buffers_bytes = 256U << 20U;  ///< of all connections; then the fullest is closed
  std::size_t discard_bytes = 1U << 20U;  ///< read and thrown away after an error, before the close

  std::chrono::milliseconds tls_handshake_time{10'000};
  std::chrono::milliseconds header_time{10'000};
  std::chrono::milliseconds body_time{30'000};
  std::chrono::milliseconds write_time{30'000};  ///< without any progress of a write
  /// Longer than the 60 s of load balancers: whoever sends must be the first to close, or a request
  /// meets a connection that has just ended.
  std::chrono::milliseconds idle_time{75'000};
  std::chrono::milliseconds discard_time{2'000};
  std::chrono::milliseconds drain_time{10'000};
  std::chrono::milliseconds accept_backoff{100};

  /// So long the answer to a write with an Idempotency-Key is kept. What is kept is in the store,
  /// so a longer one is of no use to what was written with a shorter one.
  std::chrono::milliseconds retry_window = std::chrono::hours(24);

  storage::commit_limits commit;
  std::size_t write_buffer_bytes = 64U << 20U;
  std::size_t wal_bytes = 64U << 20U;
  std::size_t block_cache_bytes = 128U << 20U;
};

}  // namespace factord

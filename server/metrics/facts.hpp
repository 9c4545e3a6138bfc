#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/readiness.hpp"
#include "server/metrics/process_facts.hpp"
#include "server/protocol/wire/route.hpp"
#include "server/service/counters.hpp"
#include "storage/base/clock.hpp"
#include "storage/base/enum_table.hpp"
#include "storage/engine/store_sizes.hpp"

namespace factord::metrics {

/// The connections of one surface.
struct room_facts {
  std::uint64_t connections = 0;
  std::uint64_t limit = 0;
  std::uint64_t buffered_bytes = 0;
};

/// The keys of an identity provider.
struct issuer_facts {
  std::string issuer;
  std::uint64_t fetched = 0;      ///< answers that were good
  std::uint64_t unreachable = 0;  ///< questions without an answer
  std::uint64_t refused = 0;      ///< answers that were no keys
  timestamp last_fetched{};       ///< when the last good answer came; 0: none has
  std::uint64_t keys = 0;         ///< in use
};

/// What the metrics are made of: what was counted, and how things stand at this moment.
struct facts {
  const service::counters& counted;
  std::string_view version;
  std::string_view store;  ///< which kind
  readiness state{};
  std::array<room_facts, count_of<protocol::surface>> rooms{};  ///< by surface
  std::uint64_t waiting_commands = 0;
  std::uint64_t most_waiting_commands = 0;
  storage::store_sizes sizes{};
  timestamp last_backup{};  ///< the last that succeeded; 0: none has
  std::uint64_t last_backup_sequence = 0;
  timestamp certificate_end{};  ///< 0: there is none
  std::uint64_t event_streams = 0;
  std::uint64_t lost_log_lines = 0;
  std::uint64_t sent_traces = 0;
  std::uint64_t dropped_traces = 0;
  std::vector<issuer_facts> issuers{};
  process_facts process{};
};

}  // namespace factord::metrics

#include "server/net/observation.hpp"

#include "server/base/log.hpp"
#include "server/metrics/metric_table.hpp"

namespace factord::net {

void observation::note(const protocol::tls_context& in_use) noexcept {
  certificate_end_.store(in_use.ends_at(), std::memory_order_relaxed);
}

void observation::write_metrics(std::string& out) const { metrics::write_metrics(look(), out); }

metrics::facts observation::look() const {
  metrics::facts found{.counted = of_.counted, .version = version_, .store = of_.store.kind()};
  found.state = of_.state.get();
  for (std::size_t i = 0; i < found.rooms.size(); ++i) {
    const surface_room& room = of_.rooms[static_cast<protocol::surface>(i)];
    found.rooms[i] = {room.connections.used(), room.connections.limit(), room.buffers.used()};
  }
  found.waiting_commands = of_.queue.waiting();
  found.most_waiting_commands = of_.queue_limits.queue_commands;
  found.sizes = of_.store.sizes();
  if (const auto made = of_.backups.last_made()) {
    found.last_backup = made->taken_at;
    found.last_backup_sequence = made->sequence;
  }
  found.certificate_end = certificate_end_.load(std::memory_order_relaxed);
  found.event_streams = of_.streams.used();
  found.sent_traces = of_.traces.sent();
  found.dropped_traces = of_.traces.dropped();
  found.lost_log_lines = log::lost();
  found.issuers = of_.keys.look();
  found.process = metrics::process_facts::read();
  return found;
}

}  // namespace factord::net

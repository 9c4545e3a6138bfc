#include "server/metrics/metric_table.hpp"

#include <algorithm>
#include <array>

#include "server/protocol/wire/wire_status.hpp"

namespace factord::metrics {
namespace {

using service::call_protocol;
using service::operation;
using service::status_code;

constexpr double nanoseconds = 1e9;

template <class Enum>
using names_of = std::array<std::string_view, count_of<Enum>>;

// By value.
constexpr names_of<service::refusal_reason> refusal_reasons = {
    "queue_full",     "connections", "buffers",    "draining",
    "storage_failed", "deadline",    "signatures", "no_keys"};
constexpr std::array<std::string_view, 5> states = {"starting", "ready", "store_unavailable",
                                                    "draining", "storage_failed"};

double seconds(timestamp at) { return static_cast<double>(to_micros(at)) / 1e6; }

// Of all threads together.
std::uint64_t sum(const facts& of, auto read) {
  std::uint64_t all = 0;
  for (const service::tally& one : of.counted.tallies()) all += read(one).get();
  return all;
}

// What nobody answers is shown once it was answered all the same.
bool is_usual(operation op, status_code code, call_protocol over) {
  const bool of_admins = service::traits(op).needed == service::permission::none;
  if (of_admins && over != call_protocol::json) return false;
  return code != status_code::unknown && code != status_code::out_of_range &&
         code != status_code::data_loss;
}

void write_build_info(const facts& of, exposition& to) {
  to.sample({{"version", of.version}, {"store", of.store}}, std::uint64_t{1});
}

void write_ready(const facts& of, exposition& to) {
  for (std::size_t i = 0; i < states.size(); ++i)
    to.sample({{"state", states[i]}}, std::uint64_t{static_cast<std::size_t>(of.state) == i});
}

void write_requests(const facts& of, exposition& to) {
  for (std::size_t op = 0; op < service::operation_count; ++op) {
    for (std::size_t code = 0; code < count_of<status_code>; ++code) {
      for (std::size_t over = 0; over < count_of<call_protocol>; ++over) {
        const std::uint64_t count = sum(
            of, [&](const service::tally& one) -> auto& { return one.answers[op][code][over]; });
        const auto which = static_cast<operation>(op);
        const auto what = static_cast<status_code>(code);
        const auto how = static_cast<call_protocol>(over);
        if (count == 0 && !is_usual(which, what, how)) continue;
        to.sample({{"operation", service::traits(which).name},
                   {"code", protocol::code_name(what)},
                   {"protocol", name(how)}},
                  count);
      }
    }
  }
}

void write_request_durations(const facts& of, exposition& to) {
  for (std::size_t op = 0; op < service::operation_count; ++op) {
    duration_histogram::view all;
    for (const service::tally& one : of.counted.tallies()) one.durations[op].add_to(all);
    to.sample({{"operation", service::traits(static_cast<operation>(op)).name}}, all, nanoseconds);
  }
}

void write_stage(std::string_view stage, const duration_histogram& took, exposition& to) {
  duration_histogram::view view;
  took.add_to(view);
  to.sample({{"stage", stage}}, view, nanoseconds);
}

void write_stages(const facts& of, exposition& to) {
  const service::commit_tally& commits = of.counted.commits();
  write_stage("queue", commits.queue, to);
  write_stage("load", commits.load, to);
  write_stage("decide", commits.decide, to);
  write_stage("write", commits.write, to);
}

void write_syncs(const facts& of, exposition& to) {
  duration_histogram::view view;
  of.counted.commits().sync.add_to(view);
  to.sample({}, view, nanoseconds);
}

void write_batches(const facts& of, exposition& to) {
  size_histogram::view view;
  of.counted.commits().commands.add_to(view);
  to.sample({}, view);
}

void write_queue(const facts& of, exposition& to) { to.sample({}, of.waiting_commands); }
void write_queue_limit(const facts& of, exposition& to) { to.sample({}, of.most_waiting_commands); }

void write_refusals(const facts& of, exposition& to) {
  for (std::size_t i = 0; i < refusal_reasons.size(); ++i)
    to.sample({{"reason", refusal_reasons[i]}},
              sum(
                  of, [i](const service::tally& one) -> auto& { return one.refusals[i]; }));
}

void write_auth_failures(const facts& of, exposition& to) {
  for (std::size_t i = 0; i < count_of<service::auth_failure>; ++i)
    to.sample({{"reason", name(static_cast<service::auth_failure>(i))}},
              sum(
                  of, [i](const service::tally& one) -> auto& { return one.auth_failures[i]; }));
}

template <std::uint64_t room_facts::*Member>
void write_rooms(const facts& of, exposition& to) {
  for (std::size_t i = 0; i < of.rooms.size(); ++i)
    to.sample({{"listener", name(static_cast<protocol::surface>(i))}}, of.rooms[i].*Member);
}

void write_last_sequence(const facts& of, exposition& to) {
  to.sample({}, of.counted.commits().last_sequence.get());
}

void write_events(const facts& of, exposition& to) {
  for (std::uint32_t number = 1; number <= storage::event_type_count; ++number) {
    const auto type = static_cast<storage::event_type>(number);
    to.sample({{"type", storage::name(type)}}, of.counted.events(type));
  }
}

void write_store_bytes(const facts& of, exposition& to) {
  to.sample({{"part", "sst"}}, of.sizes.tables);
  to.sample({{"part", "wal"}}, of.sizes.log);
  to.sample({{"part", "memtable"}}, of.sizes.memtables);
  to.sample({{"part", "cache"}}, of.sizes.cache);
}

void write_free_bytes(const facts& of, exposition& to) { to.sample({}, of.sizes.free); }

void write_backup_time(const facts& of, exposition& to) { to.sample({}, seconds(of.last_backup)); }
void write_backup_sequence(const facts& of, exposition& to) {
  to.sample({}, of.last_backup_sequence);
}
void write_certificate_end(const facts& of, exposition& to) {
  to.sample({}, seconds(of.certificate_end));
}

void write_streams(const facts& of, exposition& to) { to.sample({}, of.event_streams); }
void write_stream_lag(const facts& of, exposition& to) {
  std::uint64_t largest = 0;
  for (const service::tally& one : of.counted.tallies())
    largest = std::max(largest, one.stream_lag.get());
  to.sample({}, largest);
}

void write_lost_lines(const facts& of, exposition& to) { to.sample({}, of.lost_log_lines); }

void write_traces(const facts& of, exposition& to) {
  to.sample({{"outcome", "sent"}}, of.sent_traces);
  to.sample({{"outcome", "dropped"}}, of.dropped_traces);
}

void write_key_fetches(const facts& of, exposition& to) {
  for (const issuer_facts& one : of.issuers) {
    to.sample({{"issuer", one.issuer}, {"result", "ok"}}, one.fetched);
    to.sample({{"issuer", one.issuer}, {"result", "unreachable"}}, one.unreachable);
    to.sample({{"issuer", one.issuer}, {"result", "refused"}}, one.refused);
  }
}

void write_key_times(const facts& of, exposition& to) {
  for (const issuer_facts& one : of.issuers)
    to.sample({{"issuer", one.issuer}}, seconds(one.last_fetched));
}

void write_keys(const facts& of, exposition& to) {
  for (const issuer_facts& one : of.issuers) to.sample({{"issuer", one.issuer}}, one.keys);
}

template <auto process_facts::*Member>
void write_process(const facts& of, exposition& to) {
  to.sample({}, of.process.*Member);
}

using enum metric_kind;

constexpr auto table = std::to_array<metric>({
    {"factord_build_info", gauge, "Which program this is, and on what kind of store.",
     write_build_info},
    {"factord_ready", gauge, "1 for the state that the server is in.", write_ready},
    {"factord_requests_total", counter, "Calls that were answered, the lines of bulks too.",
     write_requests},
    {"factord_request_duration_seconds", histogram,
     "From when a call was read until it was answered; not of streams and bulks as a whole.",
     write_request_durations},
    {"factord_commit_stage_duration_seconds", histogram,
     "What a batch of writes took; in the queue its first one; write includes the sync.",
     write_stages},
    {"factord_sync_duration_seconds", histogram,
     "What was waited until a batch was durable: the fsync, or the commit of the database.",
     write_syncs},
    {"factord_commit_batch_commands", histogram, "Writes that were committed as one.",
     write_batches},
    {"factord_commit_queue_commands", gauge, "Writes that wait for a commit.", write_queue},
    {"factord_commit_queue_limit", gauge, "How many may wait; more are refused.",
     write_queue_limit},
    {"factord_refusals_total", counter, "What was refused, and may succeed later or elsewhere.",
     write_refusals},
    {"factord_connections", gauge, "Open connections.", write_rooms<&room_facts::connections>},
    {"factord_connections_limit", gauge, "How many may be open; more are refused.",
     write_rooms<&room_facts::limit>},
    {"factord_buffered_bytes", gauge, "Memory of the buffers of connections.",
     write_rooms<&room_facts::buffered_bytes>},
    {"factord_auth_failures_total", counter, "Calls of who was not let in.", write_auth_failures},
    {"factord_last_sequence", gauge, "Of the newest event that this server has seen.",
     write_last_sequence},
    {"factord_events_total", counter, "Events that this server has committed.", write_events},
    {"factord_store_bytes", gauge, "Size of the store in the data directory, by its parts.",
     write_store_bytes},
    {"factord_store_free_bytes", gauge, "What is left on the disk of the data directory.",
     write_free_bytes},
    {"factord_backup_last_success_timestamp_seconds", gauge,
     "When the last backup was made that this server has made; 0 for none.", write_backup_time},
    {"factord_backup_last_sequence", gauge, "Of the last event in that backup.",
     write_backup_sequence},
    {"factord_tls_certificate_expiry_timestamp_seconds", gauge,
     "When the certificate in use ends; 0 without one.", write_certificate_end},
    {"factord_event_streams", gauge, "Streams of events that are open.", write_streams},
    {"factord_event_stream_lag_events", gauge,
     "How many events the stream furthest behind has still to be given.", write_stream_lag},
    {"factord_log_dropped_total", counter, "Lines of the log that there was no room for.",
     write_lost_lines},
    {"factord_traced_calls_total", counter,
     "Calls that were traced, by whether the collector has taken them.", write_traces},
    {"factord_jwt_key_fetches_total", counter,
     "Questions for an identity provider's keys, by what came of them.", write_key_fetches},
    {"factord_jwt_keys_last_success_timestamp_seconds", gauge,
     "When an identity provider's keys were last read; 0 before that.", write_key_times},
    {"factord_jwt_keys", gauge, "Keys of an identity provider that tokens are checked by.",
     write_keys},
    {"process_cpu_seconds_total", counter, "Total user and system CPU time spent in seconds.",
     write_process<&process_facts::cpu_seconds>},
    {"process_open_fds", gauge, "Number of open file descriptors.",
     write_process<&process_facts::open_files>},
    {"process_max_fds", gauge, "Maximum number of open file descriptors.",
     write_process<&process_facts::most_files>},
    {"process_virtual_memory_bytes", gauge, "Virtual memory size in bytes.",
     write_process<&process_facts::virtual_bytes>},
    {"process_resident_memory_bytes", gauge, "Resident memory size in bytes.",
     write_process<&process_facts::resident_bytes>},
    {"process_start_time_seconds", gauge, "Start time of the process since unix epoch in seconds.",
     write_process<&process_facts::start_time>},
    {"process_threads", gauge, "Number of OS threads in the process.",
     write_process<&process_facts::threads>},
});

}  // namespace

std::span<const metric> all_metrics() noexcept { return table; }

void write_metrics(const facts& of, std::string& out) {
  exposition to(out);
  for (const metric& one : table) {
    to.begin(one.name, one.kind, one.help);
    one.write(of, to);
  }
}

}  // namespace factord::metrics

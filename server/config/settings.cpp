#include "server/config/settings.hpp"

#include <array>

#include "server/config/values.hpp"
#include "storage/base/ascii.hpp"

namespace factord {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr std::uint64_t kib = 1U << 10U;
constexpr std::uint64_t mib = 1U << 20U;
constexpr std::uint64_t gib = 1U << 30U;

// Puts a value where it belongs, or hands on why there is none.
template <class T, class Target>
result<void> store(result<T> value, Target& target) {
  if (!value) return value.error();
  target = static_cast<Target>(*value);
  return {};
}

template <std::size_t limits::*Member, std::uint64_t Min, std::uint64_t Max>
result<void> set_count(config& out, std::string_view text) {
  return store(config_values::number(text, Min, Max), out.bounds.*Member);
}

template <std::size_t limits::*Member, std::uint64_t Min, std::uint64_t Max>
result<void> set_bytes(config& out, std::string_view text) {
  return store(config_values::bytes(text, Min, Max), out.bounds.*Member);
}

template <std::size_t storage::commit_limits::*Member, std::uint64_t Min, std::uint64_t Max>
result<void> set_queue_count(config& out, std::string_view text) {
  return store(config_values::number(text, Min, Max), out.bounds.commit.*Member);
}

template <std::size_t storage::commit_limits::*Member, std::uint64_t Min, std::uint64_t Max>
result<void> set_queue_bytes(config& out, std::string_view text) {
  return store(config_values::bytes(text, Min, Max), out.bounds.commit.*Member);
}

template <milliseconds limits::*Member>
result<void> set_time(config& out, std::string_view text) {
  return store(config_values::duration(text, 10ms, 24h), out.bounds.*Member);
}

result<void> set_data_dir(config& out, std::string_view text) {
  if (text.empty()) return error{errc::bad_argument, "a directory is needed"};
  out.data_dir = text;
  return {};
}

result<void> set_store(config& out, std::string_view text) {
  auto place = storage::store_location::in_database(std::string{text});
  if (!place) return place.error();
  out.database = *std::move(place);
  return {};
}

result<void> add_listen(config& out, std::string_view text) {
  auto address = net::parse_listen_address(text);
  if (!address) return address.error();
  out.listens.push_back(std::move(*address));
  return {};
}

template <std::string protocol::tls_files::*Member>
result<void> set_tls_file(config& out, std::string_view text) {
  if (text.empty()) return error{errc::bad_argument, "a file is needed"};
  out.tls.*Member = text;
  return {};
}

result<void> set_durability(config& out, std::string_view text) {
  for (const auto mode : {storage::durability::disk, storage::durability::process}) {
    if (text == storage::name(mode)) {
      out.mode = mode;
      return {};
    }
  }
  return error{errc::bad_argument, "disk or process is needed"};
}

result<void> set_log_level(config& out, std::string_view text) {
  const auto level = log::find_level(text);
  if (!level) return error{errc::bad_argument, "trace, debug, info, warn or error is needed"};
  out.log_level = *level;
  return {};
}

result<void> add_origin(config& out, std::string_view text) {
  auto origin = config_values::origin(text);
  if (!origin) return origin.error();
  out.cors_origins.push_back(std::move(*origin));
  return {};
}

result<void> set_threads(config& out, std::string_view text) {
  return store(config_values::number(text, 1, 256), out.threads);
}

result<void> set_drain_delay(config& out, std::string_view text) {
  return store(config_values::duration(text, 0ms, 1h), out.drain_delay);
}

result<void> set_retry_window(config& out, std::string_view text) {
  return store(config_values::duration(text, 1s, 24h * 30), out.bounds.retry_window);
}

result<void> set_require_standby(config& out, std::string_view text) {
  return store(config_values::truth(text), out.require_standby);
}

result<void> set_accept_clock_step(config& out, std::string_view text) {
  return store(config_values::truth(text), out.accept_clock_step);
}

using enum setting::kind;
using lim = limits;
using tls = protocol::tls_files;
using que = storage::commit_limits;

constexpr std::string_view serving = "Serving";
constexpr std::string_view connection = "Limits of a connection";
constexpr std::string_view deadlines = "Deadlines";
constexpr std::string_view store_group = "Limits of the store";

constexpr auto all = std::to_array<setting>({
    {"data-dir", text, "DIR", "directory of the store and of admin.sock; made if missing", serving,
     set_data_dir},
    {"store", secret, "URL",
     "postgres://USER@HOST/DB, a database for the store, which other servers may share; made by "
     "factorctl init. --data-dir is for admin.sock then, and may be left out",
     serving, set_store},
    {"require-standby", truth, "",
     "with --store: write nothing while the database waits for no synchronous standby", serving,
     set_require_standby},
    {"listen", list, "ADDRESS",
     "HOST:PORT, [IPV6]:PORT or unix:PATH; port 0 picks one; repeatable (default 127.0.0.1:8080)",
     serving, add_listen, [](config& out) { out.listens.clear(); }},
    {"tls-cert", text, "FILE",
     "certificate chain (PEM): TCP listeners speak TLS, but for plain:HOST:PORT; read again on "
     "SIGHUP",
     serving, set_tls_file<&tls::certificate>},
    {"tls-key", text, "FILE", "its private key (PEM, without a passphrase)", serving,
     set_tls_file<&tls::key>},
    {"tls-client-ca", text, "FILE",
     "clients must show a certificate that one of these (PEM) signed", serving,
     set_tls_file<&tls::client_ca>},
    {"threads", number, "N", "threads that serve connections (default: one less than cores)",
     serving, set_threads},
    {"durability", text, "MODE",
     "when a change is answered: disk, after fsync (default), or process, after the write", serving,
     set_durability},
    {"cors-origin", list, "ORIGIN",
     "browser origin that may call, such as https://console.example.com; repeatable", serving,
     add_origin, [](config& out) { out.cors_origins.clear(); }},
    {"log-level", text, "LEVEL", "trace, debug, info (default), warn or error", serving,
     set_log_level},
    {"drain-delay", text, "TIME",
     "on SIGTERM: how long /readyz says 503 before connections are refused (default 0s)", serving,
     set_drain_delay},
    {"accept-clock-step", truth, "",
     "start though the last event is more than 5 minutes ahead of the clock", serving,
     set_accept_clock_step},

    {"max-connections", number, "N", "of the process; one more gets 503 (default 10000)",
     connection, set_count<&lim::connections, 1, 1'000'000>},
    {"max-header-bytes", either, "SIZE", "request line and fields (default 8KiB)", connection,
     set_bytes<&lim::header_bytes, 256, mib>},
    {"max-body-bytes", either, "SIZE", "of a request (default 64KiB)", connection,
     set_bytes<&lim::body_bytes, 0, gib>},
    {"max-pipelined-requests", number, "N", "read and not yet answered (default 64)", connection,
     set_count<&lim::pipelined_requests, 1, 10'000>},
    {"max-http2-streams", number, "N", "open at once on an HTTP/2 connection (default 128)",
     connection, set_count<&lim::http2_streams, 1, 10'000>},
    {"max-http2-resets", number, "N",
     "resets of streams, by the client or for its faults; 1/30 comes back a second (default 1000)",
     connection, set_count<&lim::http2_resets, 1, 1'000'000>},
    {"max-http2-acks", number, "N", "unsent answers to PING and SETTINGS frames (default 1000)",
     connection, set_count<&lim::http2_acks, 1, 1'000'000>},
    {"max-event-streams", number, "N", "of the process; one more gets 429 (default 1000)",
     connection, set_count<&lim::event_streams, 0, 1'000'000>},
    {"max-bulk-lines", number, "N",
     "of one connection, begun and not yet answered, up to 4096 (default 1024)", connection,
     set_count<&lim::bulk_lines, 1, 4096>},
    {"max-output-bytes", either, "SIZE", "unsent, then no more is read (default 256KiB)",
     connection, set_bytes<&lim::output_bytes, kib, gib>},
    {"max-buffered-bytes", either, "SIZE", "of all connections together (default 256MiB)",
     connection, set_bytes<&lim::all_buffers_bytes, 64 * kib, 1024 * gib>},
    {"max-discard-bytes", either, "SIZE", "read after an error, before the close (default 1MiB)",
     connection, set_bytes<&lim::discard_bytes, 0, gib>},

    {"tls-handshake-timeout", text, "TIME", "from a connection's beginning (default 10s)",
     deadlines, set_time<&lim::tls_handshake_time>},
    {"header-timeout", text, "TIME", "for a request's header (default 10s)", deadlines,
     set_time<&lim::header_time>},
    {"body-timeout", text, "TIME", "for a request's body (default 30s)", deadlines,
     set_time<&lim::body_time>},
    {"write-timeout", text, "TIME", "without progress of a write (default 30s)", deadlines,
     set_time<&lim::write_time>},
    {"idle-timeout", text, "TIME",
     "between requests (default 75s: longer than a load balancer's own)", deadlines,
     set_time<&lim::idle_time>},
    {"discard-timeout", text, "TIME", "for reading after an error (default 2s)", deadlines,
     set_time<&lim::discard_time>},
    {"accept-backoff", text, "TIME", "when descriptors or memory run out (default 100ms)",
     deadlines, set_time<&lim::accept_backoff>},
    {"drain-timeout", text, "TIME", "for what is in flight on SIGTERM (default 10s)", deadlines,
     set_time<&lim::drain_time>},

    {"idempotency-window", text, "TIME",
     "for so long a write is not done again for its Idempotency-Key (default 24h)", store_group,
     set_retry_window},
    {"queue-commands", number, "N", "waiting for a commit, then 503 (default 65536)", store_group,
     set_queue_count<&que::queue_commands, 1, 10'000'000>},
    {"queue-bytes", either, "SIZE", "waiting for a commit, then 503 (default 64MiB)", store_group,
     set_queue_bytes<&que::queue_bytes, kib, 64 * gib>},
    {"batch-commands", number, "N", "committed as one (default 4096)", store_group,
     set_queue_count<&que::batch_commands, 1, 1'000'000>},
    {"batch-bytes", either, "SIZE", "committed as one (default 1MiB)", store_group,
     set_queue_bytes<&que::batch_bytes, kib, gib>},
    {"write-buffer-bytes", either, "SIZE", "of RocksDB (default 64MiB)", store_group,
     set_bytes<&lim::write_buffer_bytes, 4 * mib, 64 * gib>},
    {"wal-bytes", either, "SIZE", "of RocksDB (default 64MiB)", store_group,
     set_bytes<&lim::wal_bytes, mib, 64 * gib>},
    {"block-cache-bytes", either, "SIZE", "of RocksDB (default 128MiB)", store_group,
     set_bytes<&lim::block_cache_bytes, mib, 1024 * gib>},
});

}  // namespace

std::span<const setting> settings() { return all; }

std::string_view place_of_option(std::string_view name) {
  if (same_in_any_case(name, "config")) return "only --config or FACTORD_CONFIG names the file";
  if (same_in_any_case(name, "help")) return "--help is for the command line";
  if (same_in_any_case(name, "version")) return "--version is for the command line";
  return "";
}

std::string environment_name(const setting& one) {
  std::string name = "FACTORD_";
  for (const char c : one.name)
    name += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return name;
}

}  // namespace factord

#include "server/config/settings.hpp"

#include <algorithm>
#include <array>

#include "server/config/setting_values.hpp"
#include "storage/base/ascii.hpp"

namespace factord {
namespace {

using namespace setting_values;

constexpr std::uint64_t kib = 1U << 10U;
constexpr std::uint64_t mib = 1U << 20U;
constexpr std::uint64_t gib = 1U << 30U;

using enum setting::kind;
using lim = limits;
using tls = protocol::tls_files;
using que = storage::commit_limits;
namespace iss = issuer_values;

// The URL may have a password in it. Where the key is, is nobody's business.
constexpr setting::access data_dir = {set_data_dir, show_of<&config::data_dir>};
constexpr setting::access store = {set_store, nullptr};
constexpr setting::access require_standby = {set_require_standby,
                                             show_of<&config::require_standby>};
constexpr setting::access listens = {add_listen, show_of<&config::listens>,
                                     [](config& out) { out.listens.clear(); }, false, true};
constexpr setting::access admin_listens = {add_admin_listen, show_admin_listens,
                                           [](config& out) { out.admin_listens.clear(); }, false,
                                           true};
constexpr setting::access tls_key = {tls_file<&tls::key>.apply, tls_file<&tls::key>.show, nullptr,
                                     true};
constexpr setting::access threads = {set_threads, show_of<&config::threads>};
constexpr setting::access durability = {set_durability, show_of<&config::mode>};
constexpr setting::access seed_users = {set_seed_users, show_seed_users};
constexpr setting::access cors_origins = {add_origin, show_of<&config::cors_origins>,
                                          [](config& out) { out.cors_origins.clear(); }};
constexpr setting::access token_file = {
    set_token_file, [](const config& in, std::string& out) { show(in.bootstrap.file, out); },
    nullptr, true};
constexpr setting::access bootstrap_user = {
    set_bootstrap_user,
    [](const config& in, std::string& out) { show(in.bootstrap.grant.user_id, out); }};
constexpr setting::access bootstrap_roles = {
    add_bootstrap_role,
    [](const config& in, std::string& out) { show(in.bootstrap.grant.roles, out); },
    [](config& out) { out.bootstrap.grant.roles = {}; }};
constexpr setting::access bootstrap_org = {
    set_bootstrap_org,
    [](const config& in, std::string& out) { show(in.bootstrap.grant.org, out); }};
// Of the one issuer that needs no file.
template <auto Set, auto Show>
constexpr setting::access of_issuer = {
    [](config& out, std::string_view value) { return Set(out.jwt.flagged, value); },
    [](const config& in, std::string& out) { Show(in.jwt.flagged, out); }};
constexpr setting::access jwt_role_map = {of_issuer<iss::add_role, iss::show_role_list>.apply,
                                          of_issuer<iss::add_role, iss::show_role_list>.show,
                                          [](config& out) {
                                            out.jwt.flagged.rules.roles.clear();
                                            out.jwt.flagged.roles.clear();
                                          }};
constexpr setting::access jwt_ca = {
    [](config& out, std::string_view value) { return set_file(value, out.jwt.ca_file); },
    [](const config& in, std::string& out) { show(in.jwt.ca_file, out); }};
constexpr setting::access log_level = {set_log_level, show_of<&config::log_level>};
constexpr setting::access access_log = {
    set_access_log, [](const config& in, std::string& out) { show(in.told.logged.level, out); }};
constexpr setting::access slow_request = {
    set_slow_request, [](const config& in, std::string& out) { show(in.told.logged.slow, out); }};
constexpr setting::access otlp_endpoint = {
    set_otlp_endpoint,
    [](const config& in, std::string& out) { show(in.told.traced.endpoint, out); }};
constexpr setting::access trace_sample = {set_trace_sample, show_trace_sample};
constexpr setting::access trace_trust_remote = {
    set_trace_trust_remote,
    [](const config& in, std::string& out) { show(in.told.traced.trusts_clients, out); }};
constexpr setting::access server_timing = {
    set_server_timing,
    [](const config& in, std::string& out) { show(in.told.times_answers, out); }};
constexpr setting::access drain_delay = {set_drain_delay, show_of<&config::drain_delay>};
constexpr setting::access accept_clock_step = {set_accept_clock_step,
                                               show_of<&config::accept_clock_step>};
constexpr setting::access allow_reset = {set_allow_reset, show_of<&config::allow_reset>};
constexpr setting::access retry_window = {set_retry_window, [](const config& in, std::string& out) {
                                            show(in.bounds.retry_window, out);
                                          }};

constexpr std::string_view serving = "Serving";
constexpr std::string_view provider =
    "Tokens of an identity provider (several: [[jwt]] in the file)";
constexpr std::string_view connection = "Limits of a connection";
constexpr std::string_view deadlines = "Deadlines";
constexpr std::string_view store_group = "Limits of the store";

constexpr auto all = std::to_array<setting>({
    {"data-dir", text, "DIR", "directory of the store and of admin.sock; made if missing", serving,
     data_dir},
    {"store", secret, "URL",
     "postgres://USER@HOST/DB, a database for the store, which other servers may share; made by "
     "factorctl init. --data-dir is for admin.sock then, and may be left out",
     serving, store},
    {"require-standby", truth, "",
     "with --store: write nothing while the database waits for no synchronous standby", serving,
     require_standby},
    {"listen", list, "ADDRESS",
     "HOST:PORT, [IPV6]:PORT or unix:PATH[,mode=0660][,group=NAME] (of its own user alone, mode "
     "0600, where nothing is said); port 0 picks one; fd:NAME, what systemd passes; repeatable "
     "(default 127.0.0.1:8080)",
     serving, listens},
    {"admin-listen", list, "ADDRESS",
     "the same, for /metrics, /livez, /readyz, /version and /config, which need no token and "
     "change "
     "nothing; repeatable (default none)",
     serving, admin_listens},
    {"tls-cert", text, "FILE",
     "certificate chain (PEM): TCP listeners speak TLS, but for plain:HOST:PORT; read again on "
     "SIGHUP",
     serving, tls_file<&tls::certificate>},
    {"tls-key", text, "FILE", "its private key (PEM, without a passphrase)", serving, tls_key},
    {"tls-client-ca", text, "FILE",
     "clients must show a certificate that one of these (PEM) signed", serving,
     tls_file<&tls::client_ca>},
    {"threads", number, "N",
     "threads that serve connections (default: one less than the cores that "
     "affinity and control groups give)",
     serving, threads},
    {"durability", text, "MODE",
     "when a change is answered: disk, after fsync (default), or process, after the write; of "
     "factord dev also memory (its default)",
     serving, durability},
    {"bootstrap-token-file", text, "FILE",
     "a token's text, of mode 0600: the store has this token from the start on, and another in its "
     "place where the text is another; read again on SIGHUP",
     serving, token_file},
    {"bootstrap-user", text, "ID", "whose token that is (default bootstrap)", serving,
     bootstrap_user},
    {"bootstrap-roles", list, "ROLE", "what it allows; repeatable (default IAM_OWNER)", serving,
     bootstrap_roles},
    {"bootstrap-org", text, "ORG", "the organization on which its ORG_ roles hold", serving,
     bootstrap_org},
    {"seed-users", number, "N",
     "of factord dev: users that it begins with, as factorctl seed makes them (default 1000)",
     serving, seed_users},
    {"cors-origin", list, "ORIGIN",
     "browser origin that may call, such as https://console.example.com; repeatable", serving,
     cors_origins},
    {"log-level", text, "LEVEL", "trace, debug, info (default), warn or error", serving, log_level},
    {"access-log", text, "WHICH",
     "requests that have a line in the log: off, errors (default: faults of the server, and what "
     "it had no room for, of callers who were let in), slow (these too) or all",
     serving, access_log},
    {"slow-request", text, "TIME", "what takes so long is slow (default 100ms)", serving,
     slow_request},
    {"otlp-endpoint", text, "URL",
     "http://HOST:PORT of a collector that traces are sent to (OTLP; default none)", serving,
     otlp_endpoint},
    {"trace-sample", number, "SHARE", "of calls that are traced, from 0 to 1 (default 0.01)",
     serving, trace_sample},
    {"trace-trust-remote", truth, "",
     "what a client's traceparent says of sampling counts, instead of --trace-sample", serving,
     trace_trust_remote},
    {"server-timing", truth, "",
     "the answer of a write says how long it was in the queue and the commit (Server-Timing)",
     serving, server_timing},
    {"drain-delay", text, "TIME",
     "on SIGTERM: how long /readyz says 503 before connections are refused (default 0s)", serving,
     drain_delay},
    {"allow-reset", truth, "",
     "POST /admin/v1/reset on admin.sock takes away all that came since the start; for tests, at "
     "about 100 bytes of memory for each event",
     serving, allow_reset},
    {"accept-clock-step", truth, "",
     "start though the last event is more than 5 minutes ahead of the clock", serving,
     accept_clock_step},

    {"jwt-issuer", text, "URL",
     "of the provider whose signed tokens (JWT) are taken beside the store's own, as it stands in "
     "their iss",
     provider, of_issuer<iss::set_issuer, iss::show_issuer>},
    {"jwt-audience", text, "NAME", "whom they are for: one of their aud", provider,
     of_issuer<iss::set_audience, iss::show_audience>},
    {"jwt-jwks-file", text, "FILE", "the provider's keys (JWKS); read again on SIGHUP", provider,
     of_issuer<iss::set_jwks_file, iss::show_jwks_file>},
    {"jwt-jwks-url", text, "URL",
     "where its keys are: https, or http to this machine. Without either, "
     "URL/.well-known/openid-configuration of the issuer says it",
     provider, of_issuer<iss::set_jwks_url, iss::show_jwks_url>},
    {"jwt-roles-claim", text, "CLAIM",
     "where its tokens say roles, such as realm_access.roles; a dot leads into objects. Without "
     "one they give nobody a role",
     provider, of_issuer<iss::set_roles_claim, iss::show_roles_claim>},
    {"jwt-role-map", list, "ROLE=OURS",
     "what a role of the provider is here, such as factor-admin=ORG_USER_MANAGER; repeatable",
     provider, jwt_role_map},
    {"jwt-ca", text, "FILE",
     "who signs for the TLS of providers (PEM), in the place of whom this machine trusts", provider,
     jwt_ca},

    {"max-connections", number, "N", "of the process; one more gets 503 (default 10000)",
     connection, counted<&lim::connections, 1, 1'000'000>},
    {"max-header-bytes", either, "SIZE", "request line and fields (default 8KiB)", connection,
     sized<&lim::header_bytes, 256, mib>},
    {"max-body-bytes", either, "SIZE", "of a request (default 64KiB)", connection,
     sized<&lim::body_bytes, 0, gib>},
    {"max-pipelined-requests", number, "N", "read and not yet answered (default 64)", connection,
     counted<&lim::pipelined_requests, 1, 10'000>},
    {"max-http2-streams", number, "N", "open at once on an HTTP/2 connection (default 128)",
     connection, counted<&lim::http2_streams, 1, 10'000>},
    {"max-http2-resets", number, "N",
     "resets of streams, by the client or for its faults; 1/30 comes back a second (default 1000)",
     connection, counted<&lim::http2_resets, 1, 1'000'000>},
    {"max-http2-acks", number, "N", "unsent answers to PING and SETTINGS frames (default 1000)",
     connection, counted<&lim::http2_acks, 1, 1'000'000>},
    {"max-event-streams", number, "N", "of the process; one more gets 429 (default 1000)",
     connection, counted<&lim::event_streams, 0, 1'000'000>},
    {"max-bulk-lines", number, "N",
     "of one connection, begun and not yet answered, up to 4096 (default 1024)", connection,
     counted<&lim::bulk_lines, 1, 4096>},
    {"max-output-bytes", either, "SIZE", "unsent, then no more is read (default 256KiB)",
     connection, sized<&lim::output_bytes, kib, gib>},
    {"max-buffered-bytes", either, "SIZE", "of all connections together (default 256MiB)",
     connection, sized<&lim::all_buffers_bytes, 64 * kib, 1024 * gib>},
    {"max-discard-bytes", either, "SIZE", "read after an error, before the close (default 1MiB)",
     connection, sized<&lim::discard_bytes, 0, gib>},

    {"tls-handshake-timeout", text, "TIME", "from a connection's beginning (default 10s)",
     deadlines, timed<&lim::tls_handshake_time>},
    {"header-timeout", text, "TIME", "for a request's header (default 10s)", deadlines,
     timed<&lim::header_time>},
    {"body-timeout", text, "TIME", "for a request's body (default 30s)", deadlines,
     timed<&lim::body_time>},
    {"write-timeout", text, "TIME", "without progress of a write (default 30s)", deadlines,
     timed<&lim::write_time>},
    {"idle-timeout", text, "TIME",
     "between requests (default 75s: longer than a load balancer's own)", deadlines,
     timed<&lim::idle_time>},
    {"discard-timeout", text, "TIME", "for reading after an error (default 2s)", deadlines,
     timed<&lim::discard_time>},
    {"accept-backoff", text, "TIME", "when descriptors or memory run out (default 100ms)",
     deadlines, timed<&lim::accept_backoff>},
    {"drain-timeout", text, "TIME", "for what is in flight on SIGTERM (default 10s)", deadlines,
     timed<&lim::drain_time>},

    {"idempotency-window", text, "TIME",
     "for so long a write is not done again for its Idempotency-Key (default 24h)", store_group,
     retry_window},
    {"queue-commands", number, "N", "waiting for a commit, then 503 (default 65536)", store_group,
     queue_counted<&que::queue_commands, 1, 10'000'000>},
    {"queue-bytes", either, "SIZE", "waiting for a commit, then 503 (default 64MiB)", store_group,
     queue_sized<&que::queue_bytes, kib, 64 * gib>},
    {"batch-commands", number, "N", "committed as one (default 4096)", store_group,
     queue_counted<&que::batch_commands, 1, 1'000'000>},
    {"batch-bytes", either, "SIZE", "committed as one (default 1MiB)", store_group,
     queue_sized<&que::batch_bytes, kib, gib>},
    {"write-buffer-bytes", either, "SIZE", "of RocksDB (default 64MiB)", store_group,
     sized<&lim::write_buffer_bytes, 4 * mib, 64 * gib>},
    {"wal-bytes", either, "SIZE", "of RocksDB (default 64MiB)", store_group,
     sized<&lim::wal_bytes, mib, 64 * gib>},
    {"block-cache-bytes", either, "SIZE", "of RocksDB (default 128MiB)", store_group,
     sized<&lim::block_cache_bytes, mib, 1024 * gib>},
});

}  // namespace

std::span<const setting> settings() { return all; }

std::string_view place_of_option(std::string_view name) {
  struct place {
    std::string_view name;
    std::string_view words;
  };
  static constexpr auto places = std::to_array<place>({
      {"config", "only --config or FACTORD_CONFIG names the file"},
      {"check-config", "--check-config is for the command line"},
      {"print-config", "--print-config is for the command line"},
      {"help", "--help is for the command line"},
      {"version", "--version is for the command line"},
  });
  static_assert(places.size() == plain_options.size());
  std::string dashed{name};
  std::ranges::replace(dashed, '_', '-');
  for (const place& one : places) {
    if (same_in_any_case(dashed, one.name)) return one.words;
  }
  return "";
}

std::string environment_name(const setting& one) {
  std::string name = "FACTORD_";
  for (const char c : one.name)
    name += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return name;
}

}  // namespace factord

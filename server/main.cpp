#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "server/base/clock_steps.hpp"
#include "server/base/descriptor_budget.hpp"
#include "server/base/log.hpp"
#include "server/config/config.hpp"
#include "server/config/settings.hpp"
#include "server/dev/scratch_directory.hpp"
#include "server/dev/test_store.hpp"
#include "server/dev/welcome.hpp"
#include "server/net/key_fetcher.hpp"
#include "server/net/runtime.hpp"
#include "server/net/service_manager.hpp"
#include "server/process.hpp"
#include "server/signals.hpp"
#include "storage/base/descriptors.hpp"
#include "storage/base/machine_share.hpp"
#include "storage/base/shortage.hpp"
#include "storage/base/standard_output.hpp"
#include "storage/engine/wait_for.hpp"
#include "storage/open/open.hpp"

namespace {

using namespace factord;

// Connections on the monitoring listeners at once.
constexpr std::size_t monitors = 16;

// Where the log is further ahead of the clock than it should be, only who knows why may start.
void heed_clock(const config& settings, const storage::log_head& head) {
  const auto checked = check_clock(head.read_at.value_or(system_now()), head.created_at);
  if (checked) return;
  if (!settings.accept_clock_step) checked.value();
  log::warn("the log is ahead of the clock", {{"last_event", log::to_text(head.created_at)}});
}

// What whoever starts it should know of its store.
void heed_state(const config& settings, const storage::log_head& head) {
  heed_clock(settings, head);
  if (settings.allow_reset)
    log::warn("whoever may open admin.sock can take away all that is written: for tests alone",
              {{"setting", "--allow-reset"}});
}

void log_start(const config& settings, const storage::engine& store,
               const storage::log_head& head) {
  log::info("starting", {{"version", FACTORD_VERSION},
                         {"data_dir", settings.data_dir.string()},
                         {"store", settings.mode == storage::durability::memory
                                       ? std::string(store.kind())
                                       : place_of_store(settings).shown()},
                         {"durability", storage::name(store.mode())},
                         {"machines", store.machines()},
                         {"store_id", store.store_id()},
                         {"sequence", head.sequence},
                         {"threads", settings.threads}});
}

// Better heard of now than from the kernel, when all of it is used for the first time.
void heed_memory(const config& settings) {
  const auto limit = find_machine_share().memory_bytes;
  const std::uint64_t budgets = memory_budgets(settings);
  if (!limit || budgets <= *limit) return;
  log::warn("the memory budgets together are more than the control group may have",
            {{"budgets_bytes", budgets}, {"limit_bytes", *limit}});
}

void announce(const net::listen_address& where) {
  std::cout << "listening on " << net::to_text(where) << std::endl;
}

void announce_monitoring(const net::listen_address& where) {
  std::cout << "monitoring on " << net::to_text(where) << std::endl;
}

// A server with fewer connections than asked for is better than one that fails when they come.
descriptor_budget share_descriptors(const config& settings) {
  const std::size_t limit = raise_descriptor_limit();
  const std::size_t wanted = settings.bounds.connections;
  const auto shared =
      descriptor_budget::share(
          limit, {settings.threads, settings.listens.size() + settings.admin_listens.size() + 1,
                  wanted, settings.admin_listens.empty() ? 0 : monitors})
          .value();
  if (shared.connections < wanted) {
    log::warn("too few file descriptors",
              {{"limit", limit}, {"wanted", wanted}, {"connections", shared.connections}});
  }
  return shared;
}

// The data directory, locked; nothing where none is asked for. Before anything else is made in it.
std::optional<storage::directory_lock> hold_directory(const config& settings) {
  if (settings.data_dir.empty()) {
    log::warn("without --data-dir there is no admin.sock: tokens come from another server");
    return std::nullopt;
  }
  storage::prepare_directory(settings.data_dir).value();
  auto lock = storage::directory_lock::take(settings.data_dir).value();
  const auto holds = storage::holds_store(lock.directory()->place());
  if (settings.database && holds && *holds) {
    log::warn("the store in the data directory is not used: --store names another",
              {{"data_dir", settings.data_dir.string()}});
  }
  return lock;
}

std::unique_ptr<storage::engine> open_store(const config& settings,
                                            const storage::directory_lock* lock,
                                            std::size_t table_files) {
  if (settings.mode == storage::durability::memory) return dev::make_memory_store();
  const limits& bounds = settings.bounds;
  return storage::open_to_serve(place_of_store(settings), lock,
                                {.directory = {settings.mode, bounds.write_buffer_bytes,
                                               bounds.wal_bytes, bounds.block_cache_bytes,
                                               table_files, [](auto text) { log::warn(text); }},
                                 .require_standby = settings.require_standby})
      .value();
}

// It may take a while.
void end_if_told(std::uint64_t /*added*/) {
  if (is_told_to_end()) throw std::runtime_error("it was told to end while it added users");
}

// Of a server for tests: fills its store, and says what clients need, once that is served.
dev::welcome prepare_for_tests(const config& settings, storage::engine& store) {
  const std::uint64_t users = settings.seed_users.value();
  return {{.admin_socket = settings.data_dir / "admin.sock",
           .token = dev::fill_test_store(store, users, end_if_told).value(),
           .users = users,
           .tls = !settings.tls.empty(),
           .listeners = settings.listens.size() + settings.admin_listens.size()},
          [](const std::string& line) {
            if (!(std::cout << line << std::endl))
              throw std::runtime_error("standard output cannot be written");
          }};
}

// Everything after the command line was understood. Throws what it cannot go on from; `serves` says
// whether somebody was told by then that it listens.
int serve(config settings, bool& serves) {
  log::set_level(settings.log_level);
  // Before any file is opened that could have their numbers.
  auto passed = net::passed_sockets::of_process().value();
  const auto manager = net::service_manager::of_process();
  heed_memory(settings);
  const threaded_log written_elsewhere;
  const descriptor_budget descriptors = share_descriptors(settings);
  settings.bounds.connections = descriptors.connections;
  std::shared_ptr<const protocol::tls_context> tls;
  if (!settings.tls.empty()) tls = protocol::tls_context::load(settings.tls).value();
  // Before anything is made on the disk.
  if (!settings.bootstrap.file.empty()) net::read_token_file(settings.bootstrap).value();
  const net::issuer_options issuers = settings.jwt.all();
  net::check_files(issuers).value();
  const auto& dir = settings.data_dir;
  auto sockets = net::listening_sockets::open(settings.listens, dir, &passed).value();
  auto monitoring = net::listening_sockets::open(settings.admin_listens, dir, &passed).value();
  passed.check_none_left().value();
  std::optional<dev::scratch_directory> scratch;
  if (settings.dev)
    settings.data_dir = scratch.emplace(dev::scratch_directory::make().value()).path();
  const auto lock = hold_directory(settings);
  const auto store = open_store(settings, lock ? &*lock : nullptr, descriptors.table_files);
  std::optional<dev::welcome> welcome;
  if (settings.dev) welcome.emplace(prepare_for_tests(settings, *store));
  const auto read = storage::wait_for<storage::states_answer>(
      [&](auto done) { store->read_states({}, std::move(done)); });
  const storage::log_head head = read.value().head;
  heed_state(settings, head);
  log_start(settings, *store, head);

  const auto tell = [&](const net::listen_address& where) {
    // What is to be heeded stands in the log by then.
    if (!std::exchange(serves, true)) log::flush();
    welcome ? welcome->serves(where) : announce(where);
  };
  const auto tell_of_monitoring = [&](const net::listen_address& where) {
    welcome ? welcome->is_watched(where) : announce_monitoring(where);
  };
  net::runtime server(*store, {settings.bounds,
                               lock ? lock->fd() : -1,
                               settings.threads,
                               descriptors.admins,
                               descriptors.refusals,
                               settings.cors_origins,
                               settings.drain_delay,
                               tell,
                               tls,
                               monitors,
                               tell_of_monitoring,
                               FACTORD_VERSION,
                               settings_as_json(settings),
                               head.sequence,
                               settings.bootstrap,
                               [&manager](std::string_view state) { manager.tell(state); },
                               manager.watchdog(),
                               settings.told,
                               settings.dev || settings.allow_reset,
                               issuers});
  server.listen(std::move(sockets), std::move(monitoring)).value();
  const operator_signals signals(server);
  if (server.run() == net::run_end::storage_failed) {
    scratch.reset();
    log::flush();
    std::_Exit(EXIT_FAILURE);
  }
  log::info("drained");
  return EXIT_SUCCESS;
}

int cannot_go_on(const std::exception& failure, bool serves) {
  log::error(serves ? "the process ends" : "cannot start", {{"cause", cause_of(failure)}});
  return EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  open_standard_files();
  prepare_process();
  bool serves = false;
  try {
    const config_outcome outcome = load_config({argv + 1, argv + argc}, read_environment());
    if (outcome.ready) return serve(*outcome.ready, serves);
    (outcome.exit_code == 0 ? std::cout : std::cerr) << outcome.text << std::flush;
    return end_output("factord", outcome.exit_code);
  } catch (const std::exception& failure) {
    return cannot_go_on(failure, serves);
  }
}

#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>

#include "server/base/clock_steps.hpp"
#include "server/base/log.hpp"
#include "server/config.hpp"
#include "server/net/process.hpp"
#include "server/net/runtime.hpp"
#include "storage/store.hpp"
#include "storage/wait_for.hpp"

namespace {

using namespace factord;

std::optional<std::string> read_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

// Where the log is further ahead of the clock than it should be, only who knows why may start.
void heed_clock(const config& settings, const storage::log_head& head) {
  const auto checked = check_clock(system_now(), head.created_at);
  if (checked) return;
  if (!settings.accept_clock_step) checked.value();
  log::warn("the log is ahead of the clock", {{"last_event", log::to_text(head.created_at)}});
}

void log_start(const config& settings, const storage::engine& store,
               const storage::log_head& head) {
  log::info("starting", {{"version", FACTORD_VERSION},
                         {"data_dir", settings.data_dir.string()},
                         {"durability", storage::name(store.mode())},
                         {"store_id", store.store_id()},
                         {"sequence", head.sequence},
                         {"threads", settings.threads}});
}

void announce(const net::listen_address& where) {
  std::cout << "listening on " << net::to_text(where) << std::endl;
}

// A server with fewer connections than asked for is better than one that fails when they come.
void fit_connections(std::size_t& connections) {
  const std::size_t room = net::fit_connections(connections);
  if (room == connections) return;
  log::warn("too few file descriptors", {{"wanted", connections}, {"connections", room}});
  connections = room;
}

// Everything after the command line was understood. Throws what it cannot go on from.
int serve(config settings) {
  log::set_level(settings.log_level);
  fit_connections(settings.bounds.connections);
  std::shared_ptr<const protocol::tls_context> tls;
  if (!settings.tls.empty()) tls = protocol::tls_context::load(settings.tls).value();
  storage::prepare_directory(settings.data_dir).value();
  const auto lock = storage::directory_lock::take(settings.data_dir).value();
  const limits& bounds = settings.bounds;
  auto store = storage::open_store(settings.data_dir, lock,
                                   {settings.mode, bounds.write_buffer_bytes, bounds.wal_bytes,
                                    bounds.block_cache_bytes, [](auto text) { log::warn(text); }})
                   .value();
  const auto read = storage::wait_for<storage::states_answer>(
      [&](auto done) { store->read_states({}, std::move(done)); });
  const storage::log_head head = read.value().head;
  heed_clock(settings, head);
  log_start(settings, *store, head);

  net::runtime server(*store, {bounds, settings.listens, lock.fd(), settings.threads,
                               settings.cors_origins, settings.drain_delay, announce, tls});
  server.listen().value();
  if (server.run() == net::run_end::storage_failed) std::_Exit(EXIT_FAILURE);
  log::info("drained");
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  net::prepare_process();
  const config_outcome outcome = load_config({argv + 1, argv + argc}, read_environment);
  if (!outcome.ready) {
    (outcome.exit_code == 0 ? std::cout : std::cerr) << outcome.text << std::flush;
    return outcome.exit_code;
  }
  try {
    return serve(*outcome.ready);
  } catch (const std::exception& cause) {
    log::error("cannot start", {{"cause", cause.what()}});
    return EXIT_FAILURE;
  }
}

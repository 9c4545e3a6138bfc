#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "server/base/log.hpp"
#include "server/config.hpp"
#include "server/net/process.hpp"
#include "server/net/runtime.hpp"
#include "storage/store.hpp"

namespace {

using namespace factord;

std::optional<std::string> read_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

void log_start(const config& settings, const storage::engine& store) {
  store.read_states({}, [&](result<storage::states_answer> answer) {
    log::info("starting", {{"version", FACTORD_VERSION},
                           {"data_dir", settings.data_dir.string()},
                           {"durability", storage::name(store.mode())},
                           {"store_id", store.store_id()},
                           {"sequence", answer ? answer->head.sequence : 0},
                           {"threads", settings.threads}});
  });
}

net::runtime_options make_options(const config& settings, int directory_fd) {
  return {settings.bounds,
          settings.listens,
          directory_fd,
          settings.threads,
          settings.cors_origins,
          settings.drain_delay,
          [](const net::listen_address& where) {
            std::cout << "listening on " << net::to_text(where) << std::endl;
          }};
}

// Everything after the command line was understood. Throws what it cannot go on from.
int serve(config settings) {
  log::set_level(settings.log_level);
  net::prepare_process();
  const std::size_t wanted = settings.bounds.connections;
  settings.bounds.connections = net::fit_connections(wanted);
  if (settings.bounds.connections < wanted)
    log::warn("too few file descriptors: fewer connections",
              {{"wanted", wanted}, {"connections", settings.bounds.connections}});

  storage::prepare_directory(settings.data_dir).value();
  const auto lock = storage::directory_lock::take(settings.data_dir).value();
  auto store = storage::open_store(settings.data_dir, lock,
                                   {settings.mode, settings.bounds.write_buffer_bytes,
                                    settings.bounds.wal_bytes, settings.bounds.block_cache_bytes,
                                    [](std::string_view text) { log::warn(text); }})
                   .value();
  log_start(settings, *store);

  net::runtime server(*store, make_options(settings, lock.fd()));
  server.listen().value();
  if (server.run() == net::run_end::storage_failed) std::_Exit(EXIT_FAILURE);
  log::info("drained");
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
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

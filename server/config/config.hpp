#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "server/base/limits.hpp"
#include "server/base/log.hpp"
#include "server/base/reporting.hpp"
#include "server/config/environment.hpp"
#include "server/config/issuer_settings.hpp"
#include "server/net/address.hpp"
#include "server/net/token_keeper.hpp"
#include "server/protocol/tls/context.hpp"
#include "storage/engine/engine.hpp"
#include "storage/open/location.hpp"

namespace factord {

/// Everything that can be set from outside.
struct config {
  /// A server for tests of others, `factord dev`: its store is its own and goes with it.
  bool dev = false;
  std::optional<std::uint64_t> seed_users;          ///< in that store; there with dev alone
  std::filesystem::path data_dir;                   ///< empty: there is no admin.sock
  std::optional<storage::store_location> database;  ///< without one the store is in data_dir
  bool require_standby = false;  ///< of a database: nothing is written where none is waited for
  std::vector<net::listen_address> listens;
  std::vector<net::listen_address> admin_listens;  ///< for metrics and health alone
  protocol::tls_files tls;
  std::size_t threads = 0;  ///< of connections
  storage::durability mode = storage::durability::disk;
  std::vector<std::string> cors_origins;
  log::level log_level = log::level::info;
  reporting told;  ///< what is said of requests, beside their answers
  std::chrono::milliseconds drain_delay{0};
  net::bootstrap_options bootstrap;
  jwt_settings jwt;                ///< whose tokens are taken beside those of the store
  bool accept_clock_step = false;  ///< start though the log is ahead of the wall clock
  bool allow_reset = false;        ///< of the store in data_dir; factord dev has it anyway
  limits bounds;
};

/// Where the store is.
[[nodiscard]] storage::store_location place_of_store(const config& of);

/// What it lets clients and the store take of the memory, at most and together.
[[nodiscard]] std::uint64_t memory_budgets(const config& of);

/// What the command line came to: a config to run with, or a text to show and the exit code to end
/// with (0: help or version, for stdout; 2: bad usage, for stderr).
struct config_outcome {
  std::optional<config> ready;
  std::string text;
  int exit_code = 0;
};

/// Flags over environment over file; what none of them sets keeps its default. `arguments` are
/// those after the program's name; the word `dev` may be the first.
[[nodiscard]] config_outcome load_config(std::span<const char* const> arguments,
                                         const environment& variables);

}  // namespace factord

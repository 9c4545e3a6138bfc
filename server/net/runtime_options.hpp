#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "server/base/limits.hpp"
#include "server/base/reporting.hpp"
#include "server/net/address.hpp"
#include "server/net/issuer_options.hpp"
#include "server/net/life_signs.hpp"
#include "server/net/token_keeper.hpp"
#include "server/protocol/tls/context.hpp"

namespace factord::net {

/// What a runtime is told.
struct runtime_options {
  limits bounds;
  int admin_directory_fd = -1;  ///< where admin.sock is made; below 0: nowhere
  std::size_t threads = 1;
  std::size_t admins = 64;      ///< connections on the admin socket at once
  std::size_t refusals = 1000;  ///< connections over the limit that are being told so
  std::vector<std::string> cors_origins;
  std::chrono::milliseconds drain_delay{0};
  /// Called for each listener, in order, once all of them are served.
  std::function<void(const listen_address& where)> announce;
  protocol::shared_tls tls;   ///< null: every listener is plain
  std::size_t monitors = 16;  ///< connections on the monitoring listeners at once
  /// The same as `announce` of those.
  std::function<void(const listen_address& where)> announce_monitoring;
  std::string version;         ///< of the program
  std::string settings;        ///< which the monitoring surface shows, as JSON
  std::uint64_t sequence = 0;  ///< of the last event that the store was opened with
  bootstrap_options bootstrap;
  /// Told how its life goes on; shard 0's thread, and the one that calls run(). May be empty.
  life_listener listener;
  std::chrono::milliseconds watchdog{0};  ///< how often that wants a sign of life; 0: never
  reporting told = {};                    ///< what is said of requests, beside their answers
  bool may_reset = false;  ///< the admin socket may ask for a reset, to what the server began with
  issuer_options issuers = {};  ///< whose tokens are taken beside those of the store
};

}  // namespace factord::net

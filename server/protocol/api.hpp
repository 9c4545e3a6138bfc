#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/limits.hpp"
#include "server/base/readiness.hpp"
#include "server/protocol/router.hpp"
#include "server/protocol/rpc/health.hpp"
#include "server/protocol/wire/request.hpp"
#include "server/protocol/wire/response.hpp"
#include "server/service/call.hpp"
#include "server/service/counters.hpp"
#include "storage/engine/engine.hpp"

namespace factord::protocol {

/// What the monitoring surface shows beside health. Any thread.
struct monitoring_pages {
  std::function<void(std::string& out)> metrics = [](std::string&) {};
  std::string version;   ///< of the program
  std::string store;     ///< which kind
  std::string settings;  ///< as JSON
};

/// What the answers depend on beyond the call. References outlive the api.
struct api_options {
  const limits& bounds;
  const readiness_state& state;
  storage::durability mode;
  std::vector<std::string> cors_origins;  ///< allowed ones, exactly as a browser sends them
  /// storage::engine::machines.
  std::function<unsigned()> machines = [] { return 1U; };
  monitoring_pages pages{};
  bool times_answers = false;  ///< Server-Timing on the answers of commands
};

/// The interface: requests become calls, finished calls become responses, and what needs no call
/// (health, reflection, CORS, wrong paths) is answered here. How calls are spoken of is a dialect
/// (wire/dialect.hpp). Constant after construction; any thread.
class api {
 public:
  explicit api(api_options options);

  /// Fills in a call from a request that was routed to an operation. What is wrong with the request
  /// goes into `pending.rejected`: authentication comes first.
  void read(const route_match& match, request& incoming, surface on, service::call& pending) const;

  /// The response of a finished call.
  void write(const service::call& done, response& out) const;

  /// A part of the answer to a call that says nothing, and that others follow.
  static void pause(const service::call& of, response& out);

  /// The response of a request that its codec found wanting.
  void refuse(const route_match& match, const request& incoming, response& out) const;

  /// The first response of a Watch (rpc_health.hpp).
  void watch(const route_match& match, request& incoming, health_watch& begun, response& out) const;

  [[nodiscard]] readiness state() const noexcept { return options_.state.get(); }

  /// The response of a request that was routed to none of the above. False where that came in parts
  /// and there is nothing to respond to this one.
  [[nodiscard]] bool answer(const route_match& match, request& incoming, response& out) const;

 private:
  void write_ready(response& out) const;
  void write_version(response& out) const;
  void answer_preflight(std::uint16_t origin, response& out) const;
  /// 1 + the position of an allowed origin, 0 for all others.
  [[nodiscard]] std::uint16_t find_origin(const request& incoming) const;
  void add_server_timing(const service::call& done, response& out) const;
  void add_cors_headers(std::uint16_t origin, response& out) const;

  const api_options options_;
};

}  // namespace factord::protocol

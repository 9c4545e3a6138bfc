#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace factord {

/// Which requests have a line in the log. Each has what those before it have, too.
enum class access_level : std::uint8_t {
  off,
  errors,  ///< what was the server's fault, or refused for want of room
  slow,    ///< what took long
  all,
  count_,  ///< none: how many there are
};

/// By level, as on the command line.
inline constexpr std::array<std::string_view, static_cast<std::size_t>(access_level::count_)>
    access_level_names = {"off", "errors", "slow", "all"};

[[nodiscard]] constexpr std::string_view name(access_level which) noexcept {
  return access_level_names[static_cast<std::size_t>(which)];
}

struct access_rules {
  access_level level = access_level::errors;
  std::chrono::milliseconds slow{100};  ///< from here on it took long
};

/// Where a collector of traces is reached: over HTTP, without TLS.
struct collector_address {
  std::string host;  ///< a name, an IPv4 address or an IPv6 address without brackets
  std::uint16_t port = 4318;
  std::string target;     ///< path of the POST
  std::string authority;  ///< the Host field
};

/// Which calls are traced, and to where.
struct trace_rules {
  static constexpr std::uint32_t all = 1'000'000;

  std::string endpoint;  ///< as it was set; empty: nothing is traced
  collector_address collector;
  std::uint32_t sampled = 10'000;  ///< of a million, where their clients say nothing that counts
  bool trusts_clients = false;     ///< what traceparent says of sampling counts

  [[nodiscard]] bool traces() const noexcept { return !endpoint.empty(); }
};

/// What is said of requests, beside their answers.
struct reporting {
  access_rules logged;
  trace_rules traced;
  bool times_answers = false;  ///< Server-Timing on the answers of commands
};

}  // namespace factord

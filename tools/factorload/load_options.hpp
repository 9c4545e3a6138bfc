#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "storage/base/id_range.hpp"
#include "tools/factorload/request_source.hpp"
#include "tools/factorload/target.hpp"

namespace factord::load {

enum class load_protocol : std::uint8_t { http1, grpc };

/// What the command line asks for, checked.
struct load_options {
  target server;
  std::string target_text;  ///< `server` as it was given
  std::string tls_ca;       ///< a file of certificates to trust; empty: the system's
  std::string token;
  std::optional<id_range> ids;  ///< always there
  load_mode mode = load_mode::remove;
  load_protocol protocol = load_protocol::http1;
  std::uint64_t connections = 64;
  std::uint64_t pipeline = 1;
  std::uint64_t threads = 1;
  std::uint64_t rate = 0;              ///< requests a second; 0: closed loop
  std::uint64_t duration_seconds = 0;  ///< 0: until every id was used
  std::string json_file;               ///< empty: none
};

/// The options, or the exit code where there is nothing to run: 0 after --help, 2 for bad usage.
/// What there is to say was said then.
[[nodiscard]] std::variant<load_options, int> read_command_line(int argc, const char* const* argv);

}  // namespace factord::load

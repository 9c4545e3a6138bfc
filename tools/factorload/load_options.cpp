#include "tools/factorload/load_options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "tools/common/number.hpp"
#include "tools/common/scatter.hpp"

namespace factord::load {
namespace {

constexpr const char* description =
    "factorload removes OTP-email factors from a factord as fast as it answers, or at a given\n"
    "rate, and says how many and how quickly.\n";

constexpr const char* footer =
    "Without --rate each connection asks again when it was answered (closed loop). With --rate\n"
    "requests are due at even intervals whatever the server does, and a request's latency counts\n"
    "from the moment it was due (open loop). Ids are walked in a scattered order. Mode remove "
    "uses\n"
    "each id once and ends when all were used; mode cycle removes a factor, adds it again, and\n"
    "goes on with the next id, for --duration seconds (30 if not given).\n\n"
    "Example, on a store seeded with a million users:\n"
    "  factorload --target http://127.0.0.1:8080 --token $TOKEN --users 1000000 \\\n"
    "             --first-id 100000000000000001 --connections 64 --duration 30 --json load.json\n\n"
    "Exit codes: 0 every request that was sent was answered, 1 not so, 2 bad usage.";

constexpr std::uint64_t cycle_seconds = 30;

// Values as typed, before they mean something together.
struct raw_options {
  std::string target;
  std::string first_id = "100000000000000001";
  std::uint64_t users = 0;
  std::string mode = "remove";
  std::string protocol = "http1";
};

// A whole number; CLI11 by itself would also take 0x10 and, as octal, 010.
CLI::Option* add_number(CLI::App& app, const std::string& name, std::uint64_t& value,
                        const std::string& help, std::uint64_t min, std::uint64_t max) {
  const auto keep = [&value](const std::string& text) {
    value = tools::parse_number(text).value_or(0);
  };
  return app.add_option_function<std::string>(name, keep, help)
      ->type_name("N")
      ->check([min, max](const std::string& text) { return tools::check_number(text, min, max); });
}

std::string check_not_empty(const std::string& text) { return text.empty() ? "is empty" : ""; }

std::string check_token(const std::string& text) {
  const bool visible =
      std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  return visible && !text.empty() ? "" : "must be visible ASCII";
}

void describe(CLI::App& app, raw_options& raw, load_options& options) {
  app.footer(footer);
  app.add_option("--target", raw.target, "http://HOST:PORT, https://HOST:PORT or unix:PATH")
      ->type_name("URL")
      ->required();
  app.add_option("--tls-ca", options.tls_ca,
                 "For https: certificates to trust (PEM); the system's if not given")
      ->type_name("FILE")
      ->check(check_not_empty);
  app.add_option("--token", options.token, "A token that may remove (and add) these factors")
      ->envname("FACTORLOAD_TOKEN")
      ->type_name("T")
      ->check(check_token)
      ->required();
  app.add_option("--first-id", raw.first_id, "The ids count up from this number")
      ->type_name("ID")
      ->capture_default_str();
  add_number(app, "--users", raw.users, "How many ids there are", 1, tools::scatter::size_max)
      ->required();
  add_number(app, "--connections", options.connections, "How many; 64 if not given", 1, 65'536);
  add_number(app, "--rate", options.rate, "Requests a second, all together: an open loop", 1,
             10'000'000);
  add_number(app, "--duration", options.duration_seconds, "Seconds", 1, 86'400);
  add_number(app, "--pipeline", options.pipeline,
             "Requests under way on a connection; 1 if not given", 1, 1'024);
  add_number(app, "--threads", options.threads, "Of this program; 1 if not given", 1, 64);
  app.add_option("--mode", raw.mode, "remove or cycle")
      ->type_name("MODE")
      ->check(CLI::IsMember({"remove", "cycle"}))
      ->capture_default_str();
  app.add_option("--protocol", raw.protocol, "http1 (JSON) or grpc (--pipeline: streams at a time)")
      ->type_name("NAME")
      ->check(CLI::IsMember({"http1", "grpc"}))
      ->capture_default_str();
  app.add_option("--json", options.json_file, "Also writes the result to this file, as JSON")
      ->type_name("FILE")
      ->check(check_not_empty);
}

error misuse(const std::string& message) { return {errc::bad_argument, message}; }

result<void> combine(const raw_options& raw, load_options& options) {
  const auto server = parse_target(raw.target);
  if (!server) return misuse("--target: " + server.error().message);
  options.server = *server;
  options.target_text = raw.target;
  if (!options.tls_ca.empty() && !options.server.tls)
    return misuse("--tls-ca is for https targets");

  const auto ids = id_range::make(raw.first_id, raw.users);
  if (!ids) return misuse("--first-id: " + ids.error().message);
  options.ids = *ids;

  options.mode = raw.mode == "cycle" ? load_mode::cycle : load_mode::remove;
  options.protocol = raw.protocol == "grpc" ? load_protocol::grpc : load_protocol::http1;
  if (options.threads > options.connections) {
    return misuse("--threads: each thread needs a connection of its own");
  }
  if (options.mode == load_mode::cycle) {
    if (options.protocol == load_protocol::grpc && options.pipeline > 1) {
      return misuse("--pipeline: in mode cycle over gRPC it is 1, for streams have no order");
    }
    if (raw.users < options.connections) {
      return misuse("--users: in mode cycle each connection needs an id of its own");
    }
    if (options.duration_seconds == 0) options.duration_seconds = cycle_seconds;
  }
  return {};
}

}  // namespace

std::variant<load_options, int> read_command_line(int argc, const char* const* argv) {
  raw_options raw;
  load_options options;
  CLI::App app{description, "factorload"};
  describe(app, raw, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& stop) {
    // --help comes this way too, with 0.
    return app.exit(stop) == 0 ? 0 : 2;
  }
  const result<void> sensible = combine(raw, options);
  if (sensible) return options;
  std::fprintf(stderr, "factorload: %s\n", sensible.error().message.c_str());
  return 2;
}

}  // namespace factord::load

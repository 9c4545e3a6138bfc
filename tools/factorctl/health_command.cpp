#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "tools/factorctl/command_line.hpp"
#include "tools/factorctl/readiness_probe.hpp"
#include "tools/factorctl/text_table.hpp"

namespace factord::ctl {
namespace {

result<exit_code> health(const std::string& url) {
  const auto where = parse_probe_target(url);
  if (!where) return where.error();
  const auto status = ask_readiness(*where);
  if (!status) return status.error();
  if (*status != "ready") {
    return error{errc::unavailable,
                 "not ready: the server at " + url + " says " + printable(*status)};
  }
  std::puts("ready");
  return exit_code::success;
}

}  // namespace

void add_health_command(CLI::App& app, invocation& call) {
  auto* command =
      app.add_subcommand("health", "Ask a server whether it is ready: exit code 0, or 1");
  const auto url = std::make_shared<std::string>("http://127.0.0.1:8080");
  command->add_option("URL", *url, "http://HOST:PORT or unix:PATH, without TLS")
      ->capture_default_str();
  command->footer(
      "Asks GET /readyz, which takes no token, and waits for five seconds at most. Of a server "
      "that\n"
      "speaks TLS ask a listener of --admin-listen. In a container:\n"
      "  HEALTHCHECK CMD [\"factorctl\", \"health\"]\n\n"
      "Example:\n  factorctl health http://127.0.0.1:9090");
  command->callback([url, &call] {
    call.needs_place = false;
    call.run = [url](const std::filesystem::path&) { return health(*url); };
  });
}

}  // namespace factord::ctl

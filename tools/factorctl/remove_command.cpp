#include <CLI/CLI.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <memory>
#include <string>

#include "server/protocol/messages/bulk_removal.hpp"
#include "tools/factorctl/bulk_run.hpp"
#include "tools/factorctl/command_line.hpp"
#include "tools/factorctl/option_checks.hpp"

namespace factord::ctl {
namespace {

namespace json = boost::json;

// An id alone, or what the server takes.
std::string as_removal(std::string_view line) {
  if (line.empty() || line.front() == '{') return std::string(line);
  return json::serialize(json::object{{"userId", json::string_view(line.data(), line.size())}});
}

constexpr bulk_task removals{.target = "/admin/v1/users/otp_email/_bulk_remove",
                             .done = "removed",
                             .would = "would remove",
                             .rules = {as_removal, protocol::removal_line_bytes}};

}  // namespace

void add_remove_command(CLI::App& app, invocation& call) {
  auto* command = app.add_subcommand("remove", "Remove the factors of many users, by a file");
  const auto options = std::make_shared<bulk_options>();
  command->add_option("--from", options->from, "A user a line: an id, or {\"userId\":\"ID\"}")
      ->type_name("FILE")
      ->check(check_not_empty)
      ->required();
  add_bulk_options(*command, *options);
  command->footer(
      "Each user is a removal of its own. A run that was cut short is started again with the same\n"
      "file: what it had done is not done again. Exit code 1 where some were not removed.\n"
      "\nExample:\n  factorctl --data-dir data remove --from leavers.txt");
  command->callback([options, &call] {
    complete(*options);
    call.run = [options](const auto& data_dir) { return run_bulk(data_dir, removals, *options); };
  });
}

}  // namespace factord::ctl

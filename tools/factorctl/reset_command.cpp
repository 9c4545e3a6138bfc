#include <CLI/CLI.hpp>
#include <boost/json/object.hpp>
#include <string>

#include "tools/factorctl/admin_client.hpp"
#include "tools/factorctl/command_line.hpp"
#include "tools/factorctl/report.hpp"
#include "tools/factorctl/text_table.hpp"

namespace factord::ctl {
namespace {

result<exit_code> reset(const std::filesystem::path& data_dir) {
  const auto answer =
      accepted(ask_server(data_dir, "POST", "/admin/v1/reset", boost::json::object{}));
  if (!answer) return answer.error();
  const std::string id = printable(member(*answer, "storeId"));
  return report(
      "storeId: " + id + "\nlastSequence: " + printable(member(*answer, "lastSequence")) + '\n',
      "the store was reset, and is " + id + " now");
}

}  // namespace

void add_reset_command(CLI::App& app, invocation& call) {
  auto* command = app.add_subcommand("reset", "Lead a server for tests back to what it began with");
  command->footer(
      "DIR is where its admin.sock is. Whatever came after its start is gone, tokens too; those "
      "of\n"
      "before are valid, and so is every user that it began with. The store has a new id, so who\n"
      "follows its log begins anew. It takes factord dev, or a factord that was started with\n"
      "--allow-reset; others refuse it.\n\nExample:\n"
      "  factord dev > server.json &     # go on once there is a line in it\n"
      "  factorctl --data-dir \"$(dirname \"$(jq -r .admin server.json)\")\" reset");
  command->callback([&call] { call.run = reset; });
}

}  // namespace factord::ctl

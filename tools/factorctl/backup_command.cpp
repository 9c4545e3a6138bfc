#include <CLI/CLI.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "server/service/text.hpp"
#include "tools/common/number.hpp"
#include "tools/common/progress_bar.hpp"
#include "tools/factorctl/admin_client.hpp"
#include "tools/factorctl/backup_text.hpp"
#include "tools/factorctl/command_line.hpp"
#include "tools/factorctl/option_checks.hpp"
#include "tools/factorctl/report.hpp"
#include "tools/factorctl/text_table.hpp"

namespace factord::ctl {
namespace {

using std::filesystem::path;
namespace json = boost::json;

constexpr std::chrono::milliseconds ask_again_after{100};

std::uint64_t number(const json::object& answer, std::string_view name) {
  return tools::parse_number(member(answer, name)).value_or(0);
}

// The server's own words where the backup failed, and what it means where the server went away.
result<json::object> wait_for_end(const path& data_dir, const std::string& id) {
  tools::progress_bar bar;
  for (;;) {
    const auto answer = accepted(ask_server(data_dir, "GET", "/admin/v1/backups/" + id));
    if (!answer) {
      return error{answer.error().code,
                   "the server ended, or began another backup, before this one was seen to be "
                   "made (factorctl backups list tells): " +
                       answer.error().message};
    }
    const std::string state = member(*answer, "state");
    if (state == "done") return *answer;
    if (state == "failed") return error{errc::io_error, member(*answer, "message")};
    bar.show("bytes", number(*answer, "copiedBytes"), number(*answer, "totalBytes"));
    std::this_thread::sleep_for(ask_again_after);
  }
}

result<exit_code> back_up(const path& data_dir, const path& destination) {
  // The server has its own working directory.
  const path directory = std::filesystem::absolute(destination).lexically_normal();
  if (!service::is_storable(directory.native())) {
    return error{errc::bad_argument, "the path of the backups is not valid UTF-8"};
  }
  const json::object request{{"directory", directory.native()}};
  const auto begun = accepted(ask_server(data_dir, "POST", "/admin/v1/backups", request));
  if (!begun) return begun.error();
  const auto made = wait_for_end(data_dir, member(*begun, "number"));
  if (!made) return made.error();
  return report(format_made_backup(*made), "backup " + printable(member(*made, "backupId")) +
                                               " was made in " + printable(directory.native()));
}

}  // namespace

void add_backup_command(CLI::App& app, invocation& call) {
  auto* command = app.add_subcommand("backup", "Back up the running server's store");
  const auto destination = std::make_shared<path>();
  command
      ->add_option("DEST", *destination,
                   "Directory of backups: missing, empty, or with earlier ones of the same store")
      ->check(check_not_empty)
      ->required();
  command->footer(
      "The server writes it, as the user that it runs as, and goes on serving meanwhile. All that\n"
      "it had answered when the backup began is in it. What has not changed since an earlier\n"
      "backup in DEST is not copied again. One at a time; ending factorctl does not end it.\n"
      "Keep lastSequence and headHash, which are printed, elsewhere too.\n\nExample:\n"
      "  factorctl --data-dir data backup /var/backups/factord\n"
      "  factorctl backups list /var/backups/factord\n"
      "  factorctl backups verify /var/backups/factord\n"
      "  factorctl --data-dir fresh restore /var/backups/factord");
  command->callback([destination, &call] {
    call.run = [destination](const path& data_dir) { return back_up(data_dir, *destination); };
  });
}

}  // namespace factord::ctl

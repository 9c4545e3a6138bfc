#include <CLI/CLI.hpp>
#include <string>

#include "storage/open/open.hpp"
#include "tools/factorctl/command_line.hpp"
#include "tools/factorctl/report.hpp"

namespace factord::ctl {
namespace {

result<exit_code> init(const storage::store_location& where) {
  if (!where.is_shared()) {
    return error{errc::bad_argument, "a data directory needs no init: factord makes its store"};
  }
  const auto id = storage::make_store(where);
  if (!id) return id.error();
  return report("storeId: " + *id + '\n', "the store " + *id + " was made");
}

}  // namespace

void add_init_command(CLI::App& app, invocation& call) {
  auto* command = app.add_subcommand("init", "Make a new, empty store in a database");
  command->footer(
      "Makes the schema factord with the tables of a store. A database that has such a schema is\n"
      "left as it is. The role in the URL owns the tables; servers may use another one that has\n"
      "USAGE on the schema and SELECT, INSERT, UPDATE and DELETE on its tables.\n\nExample:\n"
      "  factorctl --store postgres://factord@db1/factord init");
  command->callback([&call] { call.run_on_store = init; });
}

}  // namespace factord::ctl

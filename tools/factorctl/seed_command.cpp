#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "storage/commit/seed_users.hpp"
#include "tools/common/number.hpp"
#include "tools/common/progress_bar.hpp"
#include "tools/factorctl/command_line.hpp"
#include "tools/factorctl/option_checks.hpp"
#include "tools/factorctl/ownership.hpp"
#include "tools/factorctl/report.hpp"
#include "tools/factorctl/stopped_store.hpp"

namespace factord::ctl {
namespace {

struct seed_options {
  std::string users;
  std::string org;
  std::string first_id{storage::first_seed_id};
};

result<void> add_all(storage::engine& store, const id_range& ids, const std::string& org) {
  tools::progress_bar bar;
  return storage::seed_users(
      store, ids, org, [&bar, &ids](std::uint64_t added) { bar.show("users", added, ids.size()); });
}

/// So that the first server on it does not have to.
result<void> compact(storage::engine& store) {
  tools::progress_bar bar;
  bar.show("compacting", 0, 0);
  return store.compact();
}

/// The store, and in a data directory the lock that makes it ours alone.
struct writable_store {
  std::optional<storage::directory_lock> lock;
  std::unique_ptr<storage::engine> store;
};

result<writable_store> open_to_fill(const storage::store_location& where) {
  writable_store opened;
  if (!where.is_shared()) {
    if (const auto ours = check_owner(where.directory()); !ours) return ours.error();
    const result<void> prepared = storage::prepare_directory(where.directory());
    if (!prepared) return prepared.error();
    auto lock = lock_stopped(where.directory());
    if (!lock) return lock.error();
    opened.lock = *std::move(lock);
  }
  storage::store_options options;
  options.table_files = table_files();
  options.notice = show_notice;
  auto store = storage::open_to_fill(where, opened.lock ? &*opened.lock : nullptr, options);
  if (!store) return store.error();
  opened.store = *std::move(store);
  return opened;
}

result<exit_code> seed(const storage::store_location& where, const seed_options& options) {
  // 1. Does what is asked for make sense? Before anything is created.
  const auto ids = id_range::make(options.first_id, tools::parse_number(options.users).value_or(0));
  if (!ids) return ids.error();

  // 2. The store.
  const auto opened = open_to_fill(where);
  if (!opened) return opened.error();
  storage::engine& store = *opened->store;

  // 3. The users.
  const result<void> added = add_all(store, *ids, options.org);
  if (!added) return added.error();
  const std::string which =
      options.users + " users, " + ids->at(0) + " to " + ids->at(ids->size() - 1);
  const auto told = report("added " + which + '\n', which + ", were added");

  // 4. In order, whoever heard of them.
  const result<void> compacted = compact(store);
  if (!compacted) return compacted.error();
  return told;
}

}  // namespace

void add_seed_command(CLI::App& app, invocation& call) {
  auto* command =
      app.add_subcommand("seed", "Add many users; a data directory's server must be stopped");
  const auto options = std::make_shared<seed_options>();
  command->add_option("--users", options->users, "How many, 1 to 100000000")
      ->type_name("N")
      ->check(check_user_count)
      ->required();
  command->add_option("--org", options->org, "The organization that they belong to")
      ->type_name("ORG")
      ->check(check_id)
      ->required();
  command->add_option("--first-id", options->first_id, "Ids count up from this number")
      ->type_name("ID")
      ->capture_default_str();
  command->footer(
      "Each user has a verified email, ID@seed.invalid, and the OTP-email factor, ready to be\n"
      "removed. An empty or missing data directory is made into one. Stops at an id that exists.\n"
      "\nExample:\n  factorctl --data-dir data seed --users 1000000 --org acme");
  command->callback([options, &call] {
    call.run_on_store = [options](const auto& where) { return seed(where, *options); };
  });
}

}  // namespace factord::ctl

#include "server/config/config.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <utility>

#include "server/config/settings.hpp"
#include "server/config/sources.hpp"
#include "server/net/key_fetcher.hpp"
#include "storage/base/machine_share.hpp"

namespace factord {
namespace {

constexpr int bad_usage = 2;
constexpr std::uint64_t seed_users_usual = 1000;

config_outcome usage_error(const std::string& message) {
  return {std::nullopt, "factord: " + message + "\nRun factord --help for all options.\n",
          bad_usage};
}

result<void> apply_flags(const CLI::App& app, settled& out) {
  for (const setting& one : settings()) {
    const CLI::Option* option = app.get_option("--" + std::string(one.name));
    if (option->empty()) continue;
    if (auto applied = apply(one, option->results(), option->get_name(), out); !applied)
      return applied;
  }
  return {};
}

// About the first flag that is not known, if there is one.
std::string question_about_flags(const CLI::App& app) {
  for (const std::string& unknown : app.remaining()) {
    if (!unknown.starts_with("--")) continue;
    const std::size_t end = std::min(unknown.find('='), unknown.size());
    return question_about(unknown.substr(2, end - 2), "--");
  }
  return "";
}

std::string what_is_wrong(const CLI::ParseError& found) {
  std::string text = found.what();
  // It shows what it was given.
  if (!storage::may_hold_password(text)) return text;
  return "an argument was not expected (it is not shown: there may be a password in it)";
}

void describe(CLI::App& app) {
  app.description(
      "factord removes one-time-password email factors from users, durably, over HTTP.\n\n"
      "  factord --data-dir DIR            serves on 127.0.0.1:8080\n"
      "  factorctl --data-dir DIR token create --user admin --role IAM_OWNER\n"
      "                                    prints the token that clients send\n"
      "  factord --store postgres://USER@HOST/DB --data-dir DIR\n"
      "                                    one of any number of servers on a database\n"
      "  factord dev --seed-users 1000     a server for tests: in memory, on a free port, and "
      "gone\n"
      "                                    with its end; prints its URL and a token as JSON");
  app.footer(
      "Each option is also an environment variable (--data-dir is FACTORD_DATA_DIR; several "
      "values\n"
      "are separated by commas) and a key of the --config file (data-dir = \"/var/lib/factord\";\n"
      "several values are an array). Flags win over the environment, which wins over the file.\n"
      "Signals: SIGTERM, SIGINT and SIGQUIT drain, a second one ends it at once (exit code 1);\n"
      "SIGHUP reads the certificate, the bootstrap token and the keys of providers again.\n"
      "Exit codes: 0 once drained, 1 on failure, 2 on bad usage.");
  app.set_version_flag("--version", std::string("factord ") + FACTORD_VERSION, "show the version");
  app.set_help_flag("-h,--help", "show this help");
  app.add_option("--config")
      ->description("TOML file with any of these settings")
      ->type_name("FILE");
  app.add_flag("--check-config")
      ->description(
          "say whether the settings and the files they name are good: exit code 0 or 2. Nothing is "
          "made, and nothing is listened on");
  app.add_flag("--print-config")
      ->description(
          "print the settings that hold and where each comes from, as --config reads them");
  for (const setting& one : settings()) {
    const std::string name = "--" + std::string(one.name);
    const bool is_truth = one.type == setting::kind::truth;
    CLI::Option* option = is_truth ? app.add_flag(name) : app.add_option(name);
    option->description(std::string(one.help))->group(std::string(one.group));
    if (is_truth) continue;
    option->type_name(std::string(one.value_name));
    const bool is_list = one.type == setting::kind::list;
    option->multi_option_policy(is_list ? CLI::MultiOptionPolicy::TakeAll
                                        : CLI::MultiOptionPolicy::Throw);
    option->expected(1);
    if (is_list)
      option->allow_extra_args(false)->expected(1, CLI::detail::expected_max_vector_size);
  }
}

// The file's name, and what gave it.
std::optional<std::pair<std::string, std::string>> find_file(const CLI::App& app,
                                                             const environment& variables) {
  if (const auto* option = app.get_option("--config"); !option->empty())
    return std::pair{std::string("--config"), option->results().front()};
  const auto variable = variables.find("FACTORD_CONFIG");
  if (variable == variables.end()) return std::nullopt;
  return *variable;
}

bool sets_rocksdb(const limits& given) {
  const limits usual;
  return given.write_buffer_bytes != usual.write_buffer_bytes ||
         given.wal_bytes != usual.wal_bytes || given.block_cache_bytes != usual.block_cache_bytes;
}

result<void> check_store_for_tests(const config& out) {
  if (!out.data_dir.empty() || out.database || out.require_standby) {
    return error{errc::bad_argument,
                 "factord dev has a store of its own, which goes with it: --data-dir, --store and "
                 "--require-standby are for others"};
  }
  if (!out.bootstrap.file.empty()) {
    return error{errc::bad_argument,
                 "--bootstrap-token-file is for others: factord dev has a token, which it says"};
  }
  if (out.mode == storage::durability::memory && sets_rocksdb(out.bounds)) {
    return error{errc::bad_argument,
                 "--write-buffer-bytes, --wal-bytes and --block-cache-bytes need --durability disk "
                 "or process: else the store is in memory"};
  }
  return {};
}

// What only one kind of store can do.
result<void> check_store(const config& out) {
  if (out.dev) return check_store_for_tests(out);
  if (out.seed_users) return error{errc::bad_argument, "--seed-users is for factord dev"};
  if (out.mode == storage::durability::memory)
    return error{errc::bad_argument, "--durability memory is for factord dev"};
  if (!out.database) {
    if (out.require_standby) return error{errc::bad_argument, "--require-standby needs --store"};
    if (!out.data_dir.empty()) return {};
    return error{errc::bad_argument, "--data-dir is needed, or --store"};
  }
  if (out.mode == storage::durability::process) {
    return error{errc::bad_argument,
                 "--durability process is for the store in --data-dir: a database answers when a "
                 "change is durable"};
  }
  if (out.allow_reset) {
    return error{
        errc::bad_argument,
        "--allow-reset is for the store in --data-dir: other servers may share a database"};
  }
  if (sets_rocksdb(out.bounds)) {
    return error{errc::bad_argument,
                 "--write-buffer-bytes, --wal-bytes and --block-cache-bytes are of the store in "
                 "--data-dir: a database has settings of its own"};
  }
  return {};
}

// What is said of the bootstrap token, with what is usual where nothing is.
result<void> complete_bootstrap(net::bootstrap_options& out) {
  service::bootstrap_grant& grant = out.grant;
  if (out.file.empty()) {
    if (grant.user_id.empty() && grant.roles.empty() && grant.org.empty()) return {};
    return error{errc::bad_argument,
                 "--bootstrap-user, --bootstrap-roles and --bootstrap-org need "
                 "--bootstrap-token-file"};
  }
  if (grant.user_id.empty()) grant.user_id = "bootstrap";
  if (grant.roles.empty() && grant.org.empty()) grant.roles.add(service::role::iam_owner);
  const auto fits = service::check_grant(grant);
  if (fits) return {};
  return error{errc::bad_argument,
               "--bootstrap-roles and --bootstrap-org: " + fits.error().message};
}

// What only several of them together can be.
result<void> check_together(const config& out) {
  if (const auto fits = check_store(out); !fits) return fits;
  if (out.tls.certificate.empty() != out.tls.key.empty())
    return error{errc::bad_argument, "--tls-cert and --tls-key need each other"};
  if (out.tls.empty() && !out.tls.client_ca.empty())
    return error{errc::bad_argument, "--tls-client-ca needs --tls-cert and --tls-key"};
  return check_issuers(out.jwt);
}

// What it is before anybody has set anything.
config usual_config(bool dev) {
  config out;
  out.dev = dev;
  if (dev) out.mode = storage::durability::memory;
  // One core is the commit thread's.
  out.threads = std::max(2U, find_machine_share().cores) - 1;
  return out;
}

result<settled> combine(const CLI::App& app, const environment& variables, bool dev) {
  settled out;
  out.values = usual_config(dev);
  if (const auto named = check_names(variables); !named) return named.error();
  if (const auto file = find_file(app, variables)) {
    const auto& [source, path] = *file;
    if (path.empty()) return error{errc::bad_argument, source + " '' is empty: a file is needed"};
    if (auto applied = apply_file(path, out); !applied) return applied.error();
  }
  if (auto applied = apply_environment(variables, out); !applied) return applied.error();
  if (auto applied = apply_flags(app, out); !applied) return applied.error();
  if (const auto fits = check_together(out.values); !fits) return fits.error();
  if (const auto fits = complete_bootstrap(out.values.bootstrap); !fits) return fits.error();
  out.values.bootstrap.beside_jwts = !out.values.jwt.all().all.empty();
  if (out.values.listens.empty())
    out.values.listens.push_back(
        net::parse_listen_address(dev ? "127.0.0.1:0" : "127.0.0.1:8080").value());
  if (dev && !out.values.seed_users) out.values.seed_users = seed_users_usual;
  return out;
}

// The files that a server would read first.
result<void> check_files(const config& of) {
  if (!of.tls.empty()) {
    if (const auto loaded = protocol::tls_context::load(of.tls); !loaded) return loaded.error();
  }
  if (!of.bootstrap.file.empty()) {
    if (const auto read = net::read_token_file(of.bootstrap); !read) return read.error();
  }
  return net::check_files(of.jwt.all());
}

bool is_asked_for(const CLI::App& app, const char* flag) {
  const CLI::Option* option = app.get_option(flag);
  return !option->empty() && option->results().back() != "false";
}

config_outcome conclude(const CLI::App& app, settled settings) {
  const bool checks = is_asked_for(app, "--check-config");
  if (checks) {
    if (const auto good = check_files(settings.values); !good)
      return usage_error(good.error().message);
  }
  if (is_asked_for(app, "--print-config"))
    return {std::nullopt, settings_as_toml(settings.values, settings.from), 0};
  if (checks) return {std::nullopt, "factord: the settings are good\n", 0};
  return {std::move(settings.values), "", 0};
}

}  // namespace

storage::store_location place_of_store(const config& of) {
  return of.database.value_or(storage::store_location::in_directory(of.data_dir));
}

std::uint64_t memory_budgets(const config& of) {
  const limits& bounds = of.bounds;
  const std::uint64_t clients = bounds.all_buffers_bytes + bounds.commit.queue_bytes;
  if (of.database || of.mode == storage::durability::memory) return clients;
  return clients + bounds.block_cache_bytes + bounds.write_buffer_bytes;
}

config_outcome load_config(std::span<const char* const> arguments, const environment& variables) {
  CLI::App app("", "factord [dev]");
  describe(app);
  const bool dev = !arguments.empty() && std::string_view(arguments.front()) == "dev";
  if (dev) arguments = arguments.subspan(1);
  try {
    // CLI11 takes them last first.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::Success& shown) {
    std::ostringstream out;
    app.exit(shown, out, out);
    return {std::nullopt, out.str(), 0};
  } catch (const CLI::ParseError& wrong) {
    return usage_error(what_is_wrong(wrong) + question_about_flags(app));
  }
  auto combined = combine(app, variables, dev);
  if (!combined) return usage_error(combined.error().message);
  return conclude(app, *std::move(combined));
}

}  // namespace factord

#include "server/config/config.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <thread>
#include <utility>

#include "server/config/file.hpp"
#include "server/config/nearest_name.hpp"
#include "server/config/settings.hpp"
#include "storage/base/ascii.hpp"

namespace factord {
namespace {

constexpr int bad_usage = 2;

config_outcome usage_error(const std::string& message) {
  return {std::nullopt, "factord: " + message + "\nRun factord --help for all options.\n",
          bad_usage};
}

// One source's values of one setting. `source` names it in messages, e.g. "--threads".
// What is empty is no value of any of them, and each says so (config_test goes through all).
result<void> apply(const setting& one, const std::vector<std::string>& values,
                   const std::string& source, config& out) {
  if (one.value.reset != nullptr) one.value.reset(out);
  for (const std::string& value : values) {
    const auto applied = one.value.apply(out, value);
    const bool shown = one.type != setting::kind::secret || value.empty();
    const std::string what =
        shown ? source + " '" + value + (value.empty() ? "' is empty" : "'") : source;
    if (!applied) return error{errc::bad_argument, what + ": " + applied.error().message};
  }
  return {};
}

// What to add where a name is not known.
std::string question(const std::string& unknown, std::string_view prefix) {
  std::vector<std::string> names;
  for (const setting& one : settings()) names.emplace_back(one.name);
  // A file can give no more than settings.
  if (!prefix.empty()) names.insert(names.end(), plain_options.begin(), plain_options.end());
  const std::string nearest = nearest_name(unknown, names);
  return nearest.empty() ? "" : ": is " + std::string(prefix) + nearest + " meant?";
}

// Why a file may not say this, where it is no setting.
std::string objection(const std::string& key) {
  const std::string_view place = place_of_option(key);
  if (place.empty()) return "unknown key '" + key + "'" + question(key, "");
  return "'" + key + "' may not stand in a file: " + std::string(place);
}

result<void> check_type(const setting& one, const file_item& item) {
  using enum setting::kind;
  const bool is_list = one.type == list;
  if (item.values.empty())
    return error{errc::bad_argument, "'" + item.key + "' is empty: leave it out"};
  if (item.is_array && !is_list)
    return error{errc::bad_argument, "'" + item.key + "' takes one value"};
  if (!item.is_text && (one.type == text || one.type == secret || is_list))
    return error{errc::bad_argument, "'" + item.key + "' needs quotes around its value"};
  if (item.is_text && one.type == truth)
    return error{errc::bad_argument, "'" + item.key + "' is true or false, without quotes"};
  if (item.is_text && one.type == number)
    return error{errc::bad_argument, "'" + item.key + "' is a number, without quotes"};
  return {};
}

result<void> apply_file(const std::string& path, config& out) {
  const auto items = read_config_file(path);
  if (!items) return items.error();
  for (const file_item& item : *items) {
    const std::string where = path + ", line " + std::to_string(item.line) + ": ";
    const auto known = std::ranges::find(settings(), item.key, &setting::name);
    if (known == settings().end()) return error{errc::bad_argument, where + objection(item.key)};
    if (const auto checked = check_type(*known, item); !checked)
      return error{errc::bad_argument, where + checked.error().message};
    if (auto applied = apply(*known, item.values, where + item.key, out); !applied) return applied;
  }
  return {};
}

// What belongs to the value before it, as in "unix:PATH,mode=0660".
bool is_option_of_value(std::string_view part) {
  const std::string_view name = part.substr(0, part.find('='));
  return !name.empty() && name.size() < part.size() && std::ranges::all_of(name, is_letter);
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view part = text.substr(0, comma);
    if (!parts.empty() && is_option_of_value(part)) {
      parts.back().append(",").append(part);
    } else {
      parts.emplace_back(part);
    }
    if (comma == text.size()) return parts;
    text.remove_prefix(comma + 1);
  }
}

result<void> apply_environment(const environment& variables, config& out) {
  for (const setting& one : settings()) {
    const auto variable = variables.find(environment_name(one));
    if (variable == variables.end()) continue;
    const auto& [name, value] = *variable;
    const bool is_list = one.type == setting::kind::list;
    const std::vector<std::string> values = is_list ? split(value) : std::vector{value};
    if (auto applied = apply(one, values, name, out); !applied) return applied;
  }
  return {};
}

result<void> apply_flags(const CLI::App& app, config& out) {
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
    return question(unknown.substr(2, end - 2), "--");
  }
  return "";
}

std::string what_is_wrong(const CLI::ParseError& found) {
  std::string text = found.what();
  // It shows what it was given.
  if (text.find("://") == std::string::npos) return text;
  return "an argument was not expected (it is not shown: there may be a password in it)";
}

void describe(CLI::App& app) {
  app.description(
      "factord removes one-time-password email factors from users, durably, over HTTP.\n\n"
      "  factord --data-dir DIR            serves on 127.0.0.1:8080\n"
      "  factorctl --data-dir DIR token create --user admin --role IAM_OWNER\n"
      "                                    prints the token that clients send\n"
      "  factord --store postgres://USER@HOST/DB --data-dir DIR\n"
      "                                    one of any number of servers on a database");
  app.footer(
      "Each option is also an environment variable (--data-dir is FACTORD_DATA_DIR; several "
      "values\n"
      "are separated by commas) and a key of the --config file (data-dir = \"/var/lib/factord\";\n"
      "several values are an array). Flags win over the environment, which wins over the file.\n"
      "Signals: SIGTERM, SIGINT and SIGQUIT drain, a second one ends it at once (exit code 1);\n"
      "SIGHUP reads the certificate again.\n"
      "Exit codes: 0 once drained, 1 on failure, 2 on bad usage.");
  app.set_version_flag("--version", std::string("factord ") + FACTORD_VERSION, "show the version");
  app.set_help_flag("-h,--help", "show this help");
  app.add_option("--config")
      ->description("TOML file with any of these settings")
      ->type_name("FILE");
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

// What only one kind of store can do.
result<void> check_store(const config& out) {
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
  const limits usual;
  const limits& given = out.bounds;
  if (given.write_buffer_bytes != usual.write_buffer_bytes || given.wal_bytes != usual.wal_bytes ||
      given.block_cache_bytes != usual.block_cache_bytes) {
    return error{errc::bad_argument,
                 "--write-buffer-bytes, --wal-bytes and --block-cache-bytes are of the store in "
                 "--data-dir: a database has settings of its own"};
  }
  return {};
}

result<config> combine(const CLI::App& app, const environment& variables) {
  config out;
  // One core is the commit thread's.
  out.threads = std::max(2U, std::thread::hardware_concurrency()) - 1;
  if (const auto named = check_names(variables); !named) return named.error();
  if (const auto file = find_file(app, variables)) {
    const auto& [source, path] = *file;
    if (path.empty()) return error{errc::bad_argument, source + " '' is empty: a file is needed"};
    if (auto applied = apply_file(path, out); !applied) return applied.error();
  }
  if (auto applied = apply_environment(variables, out); !applied) return applied.error();
  if (auto applied = apply_flags(app, out); !applied) return applied.error();
  if (const auto fits = check_store(out); !fits) return fits.error();
  if (out.tls.certificate.empty() != out.tls.key.empty())
    return error{errc::bad_argument, "--tls-cert and --tls-key need each other"};
  if (out.tls.empty() && !out.tls.client_ca.empty())
    return error{errc::bad_argument, "--tls-client-ca needs --tls-cert and --tls-key"};
  if (out.listens.empty())
    out.listens.push_back(net::parse_listen_address("127.0.0.1:8080").value());
  return out;
}

}  // namespace

storage::store_location place_of_store(const config& of) {
  return of.database.value_or(storage::store_location::in_directory(of.data_dir));
}

config_outcome load_config(std::span<const char* const> arguments, const environment& variables) {
  CLI::App app("", "factord");
  describe(app);
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
  auto combined = combine(app, variables);
  if (!combined) return usage_error(combined.error().message);
  return {std::move(*combined), "", 0};
}

}  // namespace factord

#include "server/config.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <thread>
#include <utility>

#include "server/config_file.hpp"
#include "server/config_settings.hpp"

namespace factord {
namespace {

constexpr int bad_usage = 2;

config_outcome usage_error(const std::string& message) {
  return {std::nullopt, "factord: " + message + "\nRun factord --help for all options.\n",
          bad_usage};
}

// One source's values of one setting. `source` names it in messages, e.g. "--threads".
result<void> apply(const setting& one, const std::vector<std::string>& values,
                   const std::string& source, config& out) {
  if (one.reset != nullptr) one.reset(out);
  for (const std::string& value : values) {
    if (const auto applied = one.apply(out, value); !applied)
      return error{errc::bad_argument, source + " '" + value + "': " + applied.error().message};
  }
  return {};
}

result<void> check_type(const setting& one, const file_item& item) {
  using enum setting::kind;
  const bool is_list = one.type == list;
  if (item.is_array && !is_list)
    return error{errc::bad_argument, "'" + item.key + "' takes one value"};
  if (!item.is_text && (one.type == text || is_list))
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
    if (known == settings().end())
      return error{errc::bad_argument, where + "unknown key '" + item.key + "'"};
    if (const auto checked = check_type(*known, item); !checked)
      return error{errc::bad_argument, where + checked.error().message};
    if (auto applied = apply(*known, item.values, where + item.key, out); !applied) return applied;
  }
  return {};
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, ',');) parts.push_back(part);
  return parts;
}

result<void> apply_environment(const environment_reader& environment, config& out) {
  for (const setting& one : settings()) {
    const std::string variable = environment_name(one);
    const auto value = environment(variable);
    if (!value) continue;
    const bool is_list = one.type == setting::kind::list;
    const std::vector<std::string> values = is_list ? split(*value) : std::vector{*value};
    if (auto applied = apply(one, values, variable, out); !applied) return applied;
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

void describe(CLI::App& app) {
  app.description(
      "factord removes one-time-password email factors from users, durably, over HTTP.\n\n"
      "  factord --data-dir DIR            serves on 127.0.0.1:8080\n"
      "  factorctl --data-dir DIR token create --user admin --role IAM_OWNER\n"
      "                                    prints the token that clients send");
  app.footer(
      "Each option is also an environment variable (--data-dir is FACTORD_DATA_DIR; several "
      "values\n"
      "are separated by commas) and a key of the --config file (data-dir = \"/var/lib/factord\";\n"
      "several values are an array). Flags win over the environment, which wins over the file.\n"
      "Exit codes: 0 after SIGTERM or SIGINT, 1 on failure, 2 on bad usage.");
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

result<config> combine(const CLI::App& app, const environment_reader& environment) {
  config out;
  // One core is the commit thread's.
  out.threads = std::max(2U, std::thread::hardware_concurrency()) - 1;
  std::optional<std::string> file = environment("FACTORD_CONFIG");
  if (const auto* option = app.get_option("--config"); !option->empty())
    file = option->results().front();
  if (file) {
    if (auto applied = apply_file(*file, out); !applied) return applied.error();
  }
  if (auto applied = apply_environment(environment, out); !applied) return applied.error();
  if (auto applied = apply_flags(app, out); !applied) return applied.error();
  if (out.data_dir.empty()) return error{errc::bad_argument, "--data-dir is needed"};
  if (out.tls.certificate.empty() != out.tls.key.empty())
    return error{errc::bad_argument, "--tls-cert and --tls-key need each other"};
  if (out.tls.empty() && !out.tls.client_ca.empty())
    return error{errc::bad_argument, "--tls-client-ca needs --tls-cert and --tls-key"};
  if (out.listens.empty())
    out.listens.push_back(net::parse_listen_address("127.0.0.1:8080").value());
  return out;
}

}  // namespace

config_outcome load_config(std::span<const char* const> arguments,
                           const environment_reader& environment) {
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
    return usage_error(wrong.what());
  }
  auto combined = combine(app, environment);
  if (!combined) return usage_error(combined.error().message);
  return {std::move(*combined), "", 0};
}

}  // namespace factord

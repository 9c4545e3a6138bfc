#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "server/config/config.hpp"
#include "storage/base/error.hpp"

namespace factord {

/// One thing that can be set: `--name` on the command line, FACTORD_NAME in the environment (upper
/// case, '_' for '-'), `name` in the file.
struct setting {
  enum class kind : std::uint8_t {
    text,    ///< in quotes in the file
    number,  ///< without quotes there
    either,  ///< a size, which may have a unit
    list,    ///< flag repeated, environment split at commas, array in the file
    secret,  ///< as text, but never shown: there may be a password in it
    truth,   ///< flag without a value, true or false elsewhere, without quotes in the file
  };

  std::string_view name;
  kind type;
  std::string_view value_name;  ///< in --help; empty of a truth
  std::string_view help;        ///< with the default
  std::string_view group;       ///< in --help

  /// How its value is reached.
  struct access {
    /// Sets one value (of a list: adds it). Fails with a sentence that says what is needed.
    result<void> (*apply)(config& out, std::string_view text);
    /// Appends the value that holds, as JSON; nothing where there is none. Null: it is a secret.
    void (*show)(const config& in, std::string& out);
    /// Of a list: forgets what a weaker source said.
    void (*reset)(config& out) = nullptr;
    /// Shown to whoever starts the program, and not to those who watch it.
    bool leads_to_secret = false;
    /// Of a list: a value may have options behind commas, as in "unix:PATH,mode=0660".
    bool has_options = false;
  };
  access value;
};

/// All of them, in the order of --help.
[[nodiscard]] std::span<const setting> settings();

/// What holds, as a JSON object: by name, without secrets and what leads to them.
[[nodiscard]] std::string settings_as_json(const config& of);

/// Where each setting that somebody gave comes from, by name: "--listen", "FACTORD_LISTEN", or a
/// file and its line.
using setting_sources = std::map<std::string_view, std::string>;

/// What holds, as TOML that --config reads back, with each setting's source behind it. Secrets are
/// left out, and it says so.
[[nodiscard]] std::string settings_as_toml(const config& of, const setting_sources& from);

/// The options of the command line that are no settings.
inline constexpr std::array<std::string_view, 5> plain_options = {
    "config", "check-config", "print-config", "help", "version"};

/// Where such an option may stand, as a sentence without its full stop; empty of any other name. In
/// any case, and with '_' for '-': FACTORD_HELP is meant too.
[[nodiscard]] std::string_view place_of_option(std::string_view name);

[[nodiscard]] std::string environment_name(const setting& one);

}  // namespace factord

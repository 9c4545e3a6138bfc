#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/net/issuer_options.hpp"
#include "storage/base/error.hpp"

namespace factord {

/// The settings of one identity provider: `--jwt-name` on the command line, where there is one, and
/// `name` in each [[jwt]] of the file, where there are several.
struct issuer_setting {
  std::string_view name;
  bool is_map = false;  ///< NAME=VALUE, several times; a table in the file
  /// Fails with errc::bad_argument and a sentence that says what is needed.
  result<void> (*apply)(net::issuer_option& out, std::string_view text);
  /// Appends the value as JSON; nothing where there is none.
  void (*show)(const net::issuer_option& in, std::string& out);
};

/// All of them, in the order in which they are shown.
[[nodiscard]] std::span<const issuer_setting> issuer_settings();

/// A [[jwt]] of the file.
struct issuer_table {
  net::issuer_option said;
  std::string source;  ///< the file and its line
};

/// Whose tokens are taken, as it was set.
struct jwt_settings {
  net::issuer_option flagged;  ///< by settings of their own; nothing in it: none
  std::vector<issuer_table> tables;
  std::string ca_file;

  [[nodiscard]] net::issuer_options all() const;
};

/// What only several settings together can be. errc::bad_argument with what is wrong.
[[nodiscard]] result<void> check_issuers(const jwt_settings& of);

namespace issuer_values {

using issuer = net::issuer_option;

result<void> set_issuer(issuer& out, std::string_view text);
result<void> set_audience(issuer& out, std::string_view text);
result<void> set_jwks_file(issuer& out, std::string_view text);
result<void> set_jwks_url(issuer& out, std::string_view text);
result<void> set_roles_claim(issuer& out, std::string_view text);
/// "ROLE=OURS": theirs may have a '=' in it.
result<void> add_role(issuer& out, std::string_view text);
void show_issuer(const issuer& in, std::string& out);
void show_audience(const issuer& in, std::string& out);
void show_jwks_file(const issuer& in, std::string& out);
void show_jwks_url(const issuer& in, std::string& out);
void show_roles_claim(const issuer& in, std::string& out);
/// An object; show_role_list() an array of "ROLE=OURS".
void show_role_map(const issuer& in, std::string& out);
void show_role_list(const issuer& in, std::string& out);

}  // namespace issuer_values
}  // namespace factord

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/base/error.hpp"

namespace factord::storage {

/// Where a database is, and how to get in: a URL as libpq has it, `postgres://` or `postgresql://`,
/// with its parameters (sslmode, sslrootcert, passfile, options, …). Ours are those that say how a
/// session behaves: they are refused in the URL.
class postgres_location {
 public:
  /// Hosts and ports that it does not name are those of PGHOST and PGPORT, as libpq has it.
  /// errc::bad_argument, with a message that holds no password, where the URL does not parse, has a
  /// parameter that is ours, or hosts and ports that do not go together, and where the environment
  /// would have libpq ask another server (PGHOSTADDR, PGSERVICE, PGTARGETSESSIONATTRS).
  [[nodiscard]] static result<postgres_location> parse(const std::string& url);

  /// Whether this is the address of a database, and no path.
  [[nodiscard]] static bool is_one(std::string_view text) noexcept;

  /// Keywords and values for one host each, in the order of the URL. At least one.
  using parameters = std::vector<std::pair<std::string, std::string>>;
  [[nodiscard]] const std::vector<parameters>& hosts() const noexcept { return hosts_; }

  /// For people: with user, hosts and database, without a password.
  [[nodiscard]] const std::string& shown() const noexcept { return shown_; }

 private:
  std::vector<parameters> hosts_;
  std::string shown_;
};

/// Which host, for people, e.g. "db1:5432" or "/run/postgresql".
[[nodiscard]] std::string shown_host(const postgres_location::parameters& host);

}  // namespace factord::storage

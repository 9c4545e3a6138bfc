#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "storage/postgres/location.hpp"
#include "tests/unit/storage/postgres/server.hpp"
#include "tests/unit/support/temp_directory.hpp"

namespace factord::storage::testing {

/// A PostgreSQL server of this program's own: in a directory of its own, reached by a socket there,
/// started when it is first asked for, ended with the program. Programs that this one starts use
/// the same.
class cluster {
 public:
  static cluster& get();
  cluster(const cluster&) = delete;
  cluster& operator=(const cluster&) = delete;

  /// Of a database; by the superuser where no other is named. `more` are parameters, "a=b&c=d".
  [[nodiscard]] std::string url(const std::string& database, const std::string& user = "postgres",
                                const std::string& more = {}) const {
    return postgres_server::url_in(directory_, database, user, more);
  }
  /// As the superuser, in the database that is there always.
  [[nodiscard]] sql_client admin() const { return sql_client{url("postgres")}; }

 private:
  cluster();

  std::optional<temp_directory> own_;
  std::filesystem::path directory_;
  std::optional<postgres_server> server_;
};

/// A new database, gone with this object; whoever is connected to it then is thrown out.
class database {
 public:
  database();
  ~database();
  database(const database&) = delete;
  database& operator=(const database&) = delete;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] std::string url(const std::string& user = "postgres",
                                const std::string& more = {}) const {
    return cluster::get().url(name_, user, more);
  }
  [[nodiscard]] postgres_location location(const std::string& user = "postgres",
                                           const std::string& more = {}) const {
    return postgres_location::parse(url(user, more)).value();
  }
  [[nodiscard]] sql_client client() const { return sql_client{url()}; }

 private:
  std::string name_;
};

}  // namespace factord::storage::testing

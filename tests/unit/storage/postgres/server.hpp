#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>

struct pg_conn;

namespace factord::storage::testing {

/// A connection of somebody with SQL: says one thing at a time, and waits for it.
class sql_client {
 public:
  explicit sql_client(const std::string& url);

  /// The first cell of what it says, empty where there is none. Throws where the database refuses.
  std::string ask(const std::string& text);
  /// Sends it, and does not wait.
  void begin(const std::string& text);

 private:
  struct finish {
    void operator()(pg_conn* of) const noexcept;
  };
  std::unique_ptr<pg_conn, finish> connection_;
};

/// A PostgreSQL server in a directory of its own, reached by a socket there, ended with this object
/// or with the program.
class postgres_server {
 public:
  /// A new one. `settings`: lines of its configuration.
  postgres_server(std::filesystem::path directory, const std::string& settings);
  /// A standby that follows this one under this name.
  postgres_server(std::filesystem::path directory, const postgres_server& primary,
                  const std::string& name);
  ~postgres_server() { stop(); }
  postgres_server(const postgres_server&) = delete;
  postgres_server& operator=(const postgres_server&) = delete;

  /// As a crash, and up again. Both return once it is done.
  void stop();
  void start();
  /// Makes a primary of a standby; returns once it takes writes.
  void promote();

  /// Of a database; by the superuser where no other is named. `more` are parameters, "a=b&c=d".
  [[nodiscard]] static std::string url_in(const std::filesystem::path& directory,
                                          const std::string& database,
                                          const std::string& user = "postgres",
                                          const std::string& more = {});
  [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }
  /// As the superuser.
  [[nodiscard]] sql_client client(const std::string& database = "postgres") const {
    return sql_client{url_in(directory_, database)};
  }

 private:
  void configure(const std::string& settings) const;

  const std::filesystem::path directory_;
  pid_t process_ = 0;
};

}  // namespace factord::storage::testing

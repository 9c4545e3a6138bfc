#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "storage/base/error.hpp"
#include "storage/postgres/location.hpp"

namespace factord::storage {

/// Where a store is: in a data directory, which one process has at a time, or in a database, which
/// any number of them share.
class store_location {
 public:
  [[nodiscard]] static store_location in_directory(std::filesystem::path dir);
  /// A URL, `postgres://…`. errc::bad_argument as postgres_location::parse.
  [[nodiscard]] static result<store_location> in_database(const std::string& url);
  /// Either: what begins as a URL is one, anything else is a directory.
  [[nodiscard]] static result<store_location> parse(const std::string& text);

  /// Whether several processes may have it open at once: it has a clock of its own then, and makes
  /// everything durable that it answers.
  [[nodiscard]] bool is_shared() const noexcept { return database_.has_value(); }

  /// The data directory; empty where it is in a database.
  [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }
  /// The database; not to be asked for where it is in a directory (checked).
  [[nodiscard]] const postgres_location& database() const;

  /// For people, without a password.
  [[nodiscard]] std::string shown() const;

 private:
  std::filesystem::path directory_;
  std::optional<postgres_location> database_;
};

/// Whether what is said about an argument may show the password of a URL of a database, be it
/// misspelt: one that has a user, or a word of its own for it.
[[nodiscard]] bool may_hold_password(std::string_view said) noexcept;

}  // namespace factord::storage
